import GraphQLCore
import PubSub
import Synchronization

/// Why a message of the bus was not made into an event.
struct SkippedMessage: Error {
    let reason: String
}

extension SourceEventStream {
    /// The events of one channel of the bus.
    ///
    /// When the bus loses its broker and finds it again, the stream goes on; messages in between are lost, and the next
    /// event says so where the bus announces gaps: `"extensions":{"gap":{"from":…,"to":…}}`, two times between which
    /// events may be missing. It fails when the bus ends the subscription.
    ///
    /// - Parameters:
    ///   - sharingKey: See `SourceEventStream.sharingKey`.
    ///   - onSkipped: Told of each message that `decode` refused, with the channel and the reason.
    ///   - decode: Makes an event of a message, or throws `SkippedMessage`.
    init(
        of channel: ChannelName, on bus: any MessageBus, sharingKey: String?,
        onSkipped: @escaping @Sendable (ChannelName, String) -> Void,
        decode: @escaping @Sendable ([UInt8]) throws(SkippedMessage) -> ResolvedValue
    ) {
        self.init(sharingKey: sharingKey) { sink in
            do {
                let lostAt = Mutex<String?>(nil)
                let subscription = try await bus.subscribe(to: channel) { event in
                    switch event {
                    case .message(let bytes):
                        do throws(SkippedMessage) {
                            sink.send(try decode(bytes))
                            lostAt.withLock { $0 = nil }
                        } catch {
                            onSkipped(channel, error.reason)
                        }
                    case .interrupted:
                        // The first loss counts until an event has told of it.
                        lostAt.withLock { $0 = $0 ?? Timestamp.now() }
                    case .resumed:
                        guard let from = lostAt.withLock({ $0 }) else { break }
                        sink.notice(["gap": ["from": .string(from), "to": .string(Timestamp.now())]])
                    case .ended(let error):
                        sink.fail((error as? BusError).map(GraphQLError.init) ?? error)
                    }
                }
                return SourceCancellation { subscription.cancel() }
            } catch let error as BusError {
                throw GraphQLError(error)
            }
        }
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
                ("Events are not available right now, please try again later.", "EVENTS_UNAVAILABLE")
            case .timedOut:
                // What was to be published may have been, or may not.
                ("The event source did not answer in time, please try again later.", "EVENTS_UNAVAILABLE")
            case .overloaded:
                ("Too many events are being published, please try again later.", "OVERLOADED")
            case .refused:
                ("The event source refused the request.", "EVENTS_UNAVAILABLE")
            case .invalidChannelName:
                ("The arguments make no usable channel name.", "BAD_USER_INPUT")
            }
        var extensions: JSONObject = ["code": .string(code)]
        switch error.code {
        case .unavailable, .closed, .timedOut, .overloaded: extensions["retryAfter"] = .int(1)
        case .refused, .invalidChannelName: break
        }
        self.init(message: message, extensions: extensions)
    }
}
