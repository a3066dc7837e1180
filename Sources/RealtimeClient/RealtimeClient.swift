public import NIOCore
import NIOPosix
import Synchronization

/// A client that stays connected to one stream of events: it connects again with growing delays, notices a connection
/// that went stale, and keeps the newest events.
///
/// ```swift
/// let client = try RealtimeClient(.init(url: "ws://127.0.0.1:4000/api/v1/realtime/ws/sessions", speech: .socket))
/// let subscription = client.on("session.started") { event in print(event["username"]?.text ?? "?") }
/// client.start()
/// ```
public final class RealtimeClient: Sendable {
    /// The handler of one kind of events, until it is cancelled.
    public struct Subscription: Sendable {
        let cancelHandler: @Sendable () -> Void

        /// The handler is not called for events that arrive from now on.
        public func cancel() { self.cancelHandler() }
    }

    private let core: NIOLoopBoundBox<ClientCore>
    private let eventLoop: any EventLoop
    private let shared: SharedClientState

    /// - Parameter eventLoop: Where everything happens, handlers included; nil for one of the process's own.
    /// - Throws: `Unusable` when the configuration cannot be used.
    public convenience init(
        _ configuration: Configuration, eventLoop: (any EventLoop)? = nil
    ) throws(Unusable) {
        let transport = try configuration.transport()
        self.init(
            configuration, transport: transport,
            eventLoop: eventLoop ?? MultiThreadedEventLoopGroup.singleton.any())
    }

    init(_ configuration: Configuration, transport: any Transport, eventLoop: any EventLoop) {
        let shared = SharedClientState(historyCapacity: configuration.historyCapacity)
        self.shared = shared
        self.eventLoop = eventLoop
        self.core = NIOLoopBoundBox.makeBoxSendingValue(
            ClientCore(
                transport: transport, dialect: { configuration.dialect() }, backoff: configuration.backoff,
                heartbeat: configuration.heartbeat, shared: shared, eventLoop: eventLoop),
            eventLoop: eventLoop)
    }

    /// How it stands.
    public var state: ConnectionState { self.shared.read { $0.state } }
    /// The time between the last heartbeat and its answer; nil before the first, and where the server's own signs of
    /// life are all there is.
    public var latency: Duration? { self.shared.read { $0.latency } }
    /// The newest events, the oldest first.
    public var history: [RealtimeEvent] { self.shared.read { $0.history.events } }

    /// Forgets the events so far.
    public func clearHistory() { self.shared.write { $0.history.clear() } }

    /// Connects. Without effect the second time.
    public func start() {
        self.perform { $0.handle(.start) }
    }

    /// Ends the connection and forgets all handlers. The client cannot be started again.
    public func close() {
        self.perform { core in
            core.handle(.close)
            core.forgetHandlers()
        }
    }

    /// Asks for events.
    /// - Parameters:
    ///   - type: Such as `onu.online`, or `*` for every type.
    ///   - handler: Called in order, on the event loop; must not block.
    public func on(_ type: String, _ handler: @escaping @Sendable (RealtimeEvent) -> Void) -> Subscription {
        let key = self.shared.write { $0.handlers.add(type, handler) }
        return Subscription { [shared] in shared.write { $0.handlers.remove(key) } }
    }

    /// Asks for each change of state; called in order, on the event loop.
    public func onState(_ handler: @escaping @Sendable (ConnectionState) -> Void) {
        self.shared.write { $0.stateHandlers.append(handler) }
    }

    /// Sends a JSON message, such as a control command. Without effect while not connected, and where the transport has
    /// no way to send.
    public func send(_ json: String) {
        self.perform { $0.send(json) }
    }

    /// Every event from now on. Ends with the client; the newest 1,000 wait for who is slow to take them.
    public var events: AsyncStream<RealtimeEvent> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1000)) { continuation in
            let subscription = self.on(EventHandlers.everyType) { continuation.yield($0) }
            self.onState { if $0.isFinal { continuation.finish() } }
            continuation.onTermination = { _ in subscription.cancel() }
        }
    }

    private func perform(_ action: @escaping @Sendable (ClientCore) -> Void) {
        let core = self.core
        self.eventLoop.execute { action(core.value) }
    }
}
