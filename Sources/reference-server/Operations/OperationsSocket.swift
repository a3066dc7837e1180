import GraphQLCore
import ReferenceDomains
import SubscriptionProtocols
import SubscriptionServer

/// One WebSocket of the operations system: sends events, answers `ping`, and carries out commands. Bound to the event
/// loop of the socket.
final class OperationsSocket: SocketApplication {
    typealias Send = @Sendable (StreamSignal) -> Void
    typealias Open = @Sendable (@escaping Send, Identity) async throws -> SourceCancellation

    private let socket: RouteSocket
    private let identity: Identity?
    private let commands: OperationsCommands?
    private let open: Open
    private let faults: DomainFaults
    private var opening: Task<Void, Never>?
    private let source = HeldSource()

    /// - Parameters:
    ///   - commands: What the client may ask for; nil where there is nothing to command.
    ///   - open: Finds the source of the events.
    init(
        _ socket: RouteSocket, identity: Identity?, commands: OperationsCommands? = nil, faults: DomainFaults = [],
        open: @escaping Open
    ) {
        self.socket = socket
        self.identity = identity
        self.commands = commands
        self.faults = faults
        self.open = open
    }

    func opened() {
        guard let identity else {
            self.socket.close(.forbiddenRoute)
            return
        }
        self.opening = self.source.open(by: self.open, for: identity, on: self.socket)
    }

    func received(_ message: String) {
        let value = try? JSONReader.read(Array(message.utf8), limits: .init(depth: 8))
        guard let type = value?.objectValue?["type"]?.stringValue else {
            self.socket.send(Self.error("BAD_USER_INPUT", "A message is a JSON object with a type."))
            return
        }
        if type == "ping" {
            if self.faults.contains(.operationsHeartbeatMissing) { return }
            self.socket.send(#"{"type":"pong"}"#)
            return
        }
        guard let identity, let commands, let command = commands.command(type) else {
            let known = ["ping"] + (self.commands?.names ?? [])
            self.socket.send(
                Self.error(
                    "BAD_USER_INPUT", "There is no \"\(type.prefix(40))\" here, only \(known.joined(separator: ", ")).")
            )
            return
        }
        commands.perform(command, by: identity) { [socket] answer in
            socket.send(answer)
        }
    }

    func ended() {
        self.opening?.cancel()
        self.source.release()
        self.commands?.stop()
    }

    static func send(_ signal: StreamSignal, on socket: RouteSocket) {
        switch signal {
        case .opened: socket.send(#"{"type":"connected"}"#)
        case .event(let event): socket.send(utf8: event.json)
        case .now(let kind, let item):
            let message: JSONValue = ["type": "connected", .init(kind.rawValue): .object(item)]
            socket.send(utf8: message.encoded())
        case .older(let count): socket.send(#"{"type":"older","count":\#(count)}"#)
        case .missed: break
        case .ended(let error):
            let code = error.extensions?["code"]?.stringValue ?? "INTERNAL"
            socket.send(Self.error(code, error.message))
            socket.close(code == "NOT_FOUND" ? .noSuchThing : .sourceGone)
        }
    }

    private static func error(_ code: String, _ message: String) -> String {
        JSONValue.object(["type": "error", "code": .string(code), "message": .string(message)]).text
    }
}

extension Close {
    /// What the path names does not exist, or not for this client.
    static let noSuchThing = Close(.notFound, "Not found")
    /// The source of events cannot be had; a client may come back.
    static let sourceGone = Close(.tryAgainLater, "Events are not available")
    /// The client has no identity.
    static let forbiddenRoute = Close(.forbidden, "Forbidden")
}
