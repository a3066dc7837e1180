/// A change of one field of a hash that is made only if the field is as expected, and is announced in the same step.
package struct HashReplacement: Sendable, Equatable {
    /// What is published when the change is made.
    package struct Announcement: Sendable, Equatable {
        package let message: [UInt8]
        package let channel: ChannelName

        package init(_ message: [UInt8], on channel: ChannelName) {
            self.message = message
            self.channel = channel
        }
    }

    package let key: String
    package let field: String
    /// What has to be there; nil for nothing.
    package let expected: [UInt8]?
    /// What takes its place; nil for nothing.
    package let replacement: [UInt8]?
    /// In order.
    package let announcements: [Announcement]

    package init(
        key: String, field: String, expected: [UInt8]?, replacement: [UInt8]?, announcements: [Announcement]
    ) {
        self.key = key
        self.field = field
        self.expected = expected
        self.replacement = replacement
        self.announcements = announcements
    }
}
