package import PubSub

/// A message to publish together with a change of state.
package struct Announcement: Sendable {
    package let channel: ChannelName
    package let message: [UInt8]

    package init(_ message: [UInt8], on channel: ChannelName) {
        self.channel = channel
        self.message = message
    }
}

/// State that all instances of the server share: hashes of fields, under keys.
package protocol SharedState: Sendable {
    /// The value of a field; nil when there is none.
    func field(_ field: String, of key: String) async throws(BusError) -> [UInt8]?

    /// All fields; empty when there is no such key.
    func fields(of key: String) async throws(BusError) -> [String: [UInt8]]

    /// Sets some fields at once and leaves the others.
    ///
    /// - Parameter lifetime: From now on; nil keeps the key for good.
    func set(_ fields: [String: [UInt8]], of key: String, lifetime: Duration?) async throws(BusError)

    /// Replaces a field and publishes messages, in one step that nothing comes between, unless the field has changed.
    ///
    /// - Parameters:
    ///   - expected: What the field holds; nil when it must not be there.
    ///   - value: What it is to hold; nil to remove it.
    /// - Returns: Whether it was as expected. If not, nothing was done and nothing published.
    func replace(
        _ field: String, of key: String, expected: [UInt8]?, with value: [UInt8]?, announcing: [Announcement]
    ) async throws(BusError) -> Bool
}
