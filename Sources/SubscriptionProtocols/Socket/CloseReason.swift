/// The text beside the status in a close frame: at most 123 bytes of UTF-8 (RFC 6455 §5.5 and §5.5.1).
package struct CloseReason: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The greatest length in bytes, inclusive: a control frame carries 125, the status takes two of them.
    package static let byteLimit = 123

    /// The text, never longer than `byteLimit` bytes.
    package let text: String

    /// The text as far as it fits, cut between two characters.
    package init(_ text: String) {
        guard text.utf8.count > Self.byteLimit else {
            self.text = text
            return
        }
        // Cut by scalars, not by grapheme clusters: one cluster may be longer than the limit.
        var kept = String.UnicodeScalarView()
        var length = 0
        for scalar in text.unicodeScalars {
            length += UTF8.width(scalar)
            guard length <= Self.byteLimit else { break }
            kept.append(scalar)
        }
        self.text = String(kept)
    }

    package init(stringLiteral value: String) {
        self.init(value)
    }

    package var description: String { self.text }
}
