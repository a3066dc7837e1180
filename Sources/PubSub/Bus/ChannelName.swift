/// The name of one pub/sub channel.
///
/// One to 512 bytes of UTF-8, without CR, LF or NUL. Names are compared byte by byte, so that a name means the same
/// to us as to a broker; Swift's own comparison would take two Unicode spellings of a letter for one.
package struct ChannelName: Sendable {
    /// The longest name, in bytes, inclusive.
    package static let maximumBytes = 512

    /// The name as it goes to the broker.
    package let utf8: [UInt8]

    /// A channel name of the given text.
    ///
    /// - Throws: `BusError` with code `invalidChannelName` if the text is empty, longer than `maximumBytes`, or holds
    ///   CR, LF or NUL.
    package init(_ text: String) throws(BusError) {
        try self.init(utf8: Array(text.utf8))
    }

    /// A channel name of the given bytes; the rules are those of `init(_:)`.
    package init(utf8: [UInt8]) throws(BusError) {
        guard !utf8.isEmpty else {
            throw BusError(.invalidChannelName, "a channel name must not be empty")
        }
        guard utf8.count <= Self.maximumBytes else {
            throw BusError(
                .invalidChannelName,
                "a channel name has at most \(Self.maximumBytes) bytes, this one has \(utf8.count)")
        }
        guard !utf8.contains(where: { $0 == 0x0D || $0 == 0x0A || $0 == 0 }) else {
            throw BusError(.invalidChannelName, "a channel name must not hold CR, LF or NUL")
        }
        self.utf8 = utf8
    }
}

extension ChannelName: Hashable {}

extension ChannelName: CustomStringConvertible {
    package var description: String {
        String(decoding: self.utf8, as: UTF8.self)
    }
}
