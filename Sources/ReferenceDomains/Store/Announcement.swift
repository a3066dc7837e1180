import GraphQLCore
import PubSub

/// A message to publish together with a change of state.
typealias Announcement = HashReplacement.Announcement

extension Announcement {
    /// A message of JSON.
    init(_ message: JSONObject, on channel: ChannelName) {
        self.init(JSONValue.object(message).encoded(), on: channel)
    }
}
