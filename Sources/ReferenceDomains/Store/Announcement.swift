import GraphQLCore
import PubSub

/// A message to publish together with a change of state.
typealias Announcement = HashReplacement.Announcement

extension Announcement {
    /// A message of JSON.
    ///
    /// - Parameter trace: That of the request for which it is published.
    init(_ message: JSONObject, on channel: ChannelName, in trace: TraceContext?) {
        self.init(Payload.encoded(message, in: trace), on: channel)
    }
}
