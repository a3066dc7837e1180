import GraphQLCore
import PubSub
import Synchronization

/// Why a message of the bus was not made into an event.
struct SkippedMessage: Error {
    let reason: String
}

/// What a message of the bus is to a subscriber.
enum ChannelEvent: Sendable {
    /// An event, with the trace that its message belongs to.
    case event(ResolvedValue, in: TraceContext? = nil)
    /// The last event; the stream is complete after it.
    case last(ResolvedValue, in: TraceContext? = nil)
    /// Nothing: it is for others.
    case notForUs
}

extension SourceEventStream {
    /// The events of one channel of the bus.
    ///
    /// When the bus loses its broker and finds it again, the stream goes on; messages in between are lost, and the next
    /// event says so where the bus announces gaps: `"extensions":{"gap":{"from":…,"to":…}}`, two times between which
    /// events may be missing. It fails when the bus ends the subscription.
    ///
    /// An event whose message belongs to a trace has `"extensions":{"traceparent":"…"}`.
    ///
    /// - Parameters:
    ///   - sharingKey: See `SourceEventStream.sharingKey`.
    ///   - count: Counts the stream for as long as it is live; nil to count it nowhere.
    ///   - onSkipped: Told of each message that `decode` refused, with the channel and the reason.
    ///   - decode: Makes an event of a message, or throws `SkippedMessage`.
    init(
        of channel: ChannelName, on bus: any MessageBus, sharingKey: String?,
        countedBy count: (@Sendable () -> LiveStream)? = nil,
        onSkipped: @escaping @Sendable (ChannelName, String) -> Void,
        decode: @escaping @Sendable ([UInt8]) throws(SkippedMessage) -> ChannelEvent
    ) {
        self.init(sharingKey: sharingKey) { sink in
            let hold = ChannelHold(count?())
            do {
                let subscription = try await bus.subscribe(to: channel) { event in
                    switch event {
                    case .message(let bytes):
                        do throws(SkippedMessage) {
                            switch try decode(bytes) {
                            case .event(let event, let trace):
                                sink.send(event, in: trace)
                                hold.gap.told()
                            case .notForUs: break
                            case .last(let event, let trace):
                                guard hold.release() else { return }
                                sink.send(event, in: trace)
                                sink.finish()
                            }
                        } catch {
                            onSkipped(channel, error.reason)
                        }
                    case .interrupted:
                        hold.gap.begins()
                    case .resumed:
                        hold.gap.notice.map(sink.notice)
                    case .ended(let error):
                        hold.uncount()
                        sink.fail((error as? BusError).map(GraphQLError.init) ?? error)
                    }
                }
                hold.keep(subscription)
                return SourceCancellation { hold.release() }
            } catch {
                hold.uncount()
                throw (error as? BusError).map { GraphQLError($0) } ?? error
            }
        }
    }
}

extension SourceEventSink {
    /// Delivers an event with the trace that it belongs to.
    fileprivate func send(_ event: ResolvedValue, in trace: TraceContext?) {
        if let trace { self.notice(trace.member) }
        self.send(event)
    }
}

/// The time from the loss of a broker until an event has told of it.
struct EventGap: ~Copyable, Sendable {
    private let lostAt = Mutex<String?>(nil)

    /// The broker is lost. The first loss counts until an event has told of it.
    func begins() {
        self.lostAt.withLock { $0 = $0 ?? Timestamp.now() }
    }

    /// What the next event is to tell, now that the broker is back; nil when nothing was lost.
    var notice: JSONObject? {
        self.lostAt.withLock { $0 }.map { ["gap": ["from": .string($0), "to": .string(Timestamp.now())]] }
    }

    /// An event was sent.
    func told() {
        self.lostAt.withLock { $0 = nil }
    }
}

/// A subscription that may be given up before it is known: events come before `subscribe` has returned.
private final class ChannelHold: Sendable {
    let gap = EventGap()
    private let count: LiveStream?
    private let state = Mutex<(subscription: BusSubscription?, isReleased: Bool)>((nil, false))

    init(_ count: LiveStream?) {
        self.count = count
    }

    /// The stream is not live any more.
    func uncount() {
        self.count?.close()
    }

    func keep(_ subscription: BusSubscription) {
        let isLate = self.state.withLock { state in
            if !state.isReleased { state.subscription = subscription }
            return state.isReleased
        }
        if isLate { subscription.cancel() }
    }

    /// Gives the subscription up; false from the second call on.
    @discardableResult
    func release() -> Bool {
        let (subscription, isFirst) = self.state.withLock { state in
            defer { state = (nil, true) }
            return (state.subscription, !state.isReleased)
        }
        subscription?.cancel()
        self.uncount()
        return isFirst
    }
}

extension MessageBus {
    /// Publishes, and tells clients what went wrong in words that are meant for them.
    func publishForClient(_ message: [UInt8], to channel: ChannelName) async throws(GraphQLError) -> Int {
        do {
            return try await self.publish(message, to: channel)
        } catch {
            throw GraphQLError(error)
        }
    }
}

extension GraphQLError {
    /// What a client is told of trouble with the bus: neither hosts nor channels.
    init(_ error: BusError) {
        let (message, code) =
            switch error.code {
            case .unavailable, .closed:
                (ClientMessages.unavailable, "EVENTS_UNAVAILABLE")
            case .timedOut:
                // What was to be published may have been, or may not.
                (ClientMessages.timedOut, "EVENTS_UNAVAILABLE")
            case .overloaded:
                (ClientMessages.overloaded, "OVERLOADED")
            case .refused:
                (ClientMessages.refused, "EVENTS_UNAVAILABLE")
            case .invalidChannelName:
                (ClientMessages.noChannelName, "BAD_USER_INPUT")
            }
        var extensions: JSONObject = ["code": .string(code)]
        switch error.code {
        case .unavailable, .closed, .timedOut, .overloaded: extensions["retryAfter"] = .int(1)
        case .refused, .invalidChannelName: break
        }
        self.init(message: message, extensions: extensions)
    }
}
