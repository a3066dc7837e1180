/// Why a text is not JSON (RFC 8259), or exceeds a limit, and where.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable, Equatable {
        /// More bytes than `JSONReader.Limits.bytes`.
        case tooLong
        /// Arrays and objects nested deeper than `JSONReader.Limits.depth`.
        case tooDeep
        /// The text begins with a byte order mark, which must not be sent (§8.1).
        case byteOrderMark
        /// The text ends inside a value, or has none.
        case unexpectedEnd
        /// A byte that cannot stand where it does.
        case unexpectedByte(UInt8)
        /// Something follows the value.
        case trailingBytes
        /// A number that breaks the grammar of §6, such as `01` or `1.`.
        case invalidNumber
        /// A control character (U+0000 to U+001F) in a string that is not escaped (§7).
        case controlCharacter
        /// A backslash followed by something that §7 does not list.
        case invalidEscape
        /// An escaped surrogate without its other half; it stands for no character (§8.2).
        case loneSurrogate
        /// Bytes that are not UTF-8 (§8.1).
        case invalidUTF8
    }

    /// What is wrong.
    package let reason: Reason
    /// Where, in bytes from the beginning of the text, counted from 0.
    package let offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// The text for people before it; nil without one.
    package var description: String {
        "\(self.sentence) at byte \(self.offset)"
    }

    private var sentence: String {
        switch self.reason {
        case .tooLong: "JSON text is too long"
        case .tooDeep: "JSON text is nested too deeply"
        case .byteOrderMark: "JSON text begins with a byte order mark"
        case .unexpectedEnd: "JSON text ends unexpectedly"
        case .unexpectedByte(let byte) where (0x21...0x7E).contains(byte):
            "Unexpected '\(Unicode.Scalar(byte))' in JSON text"
        case .unexpectedByte(let byte): "Unexpected byte 0x\(String(byte, radix: 16)) in JSON text"
        case .trailingBytes: "Something follows the JSON value"
        case .invalidNumber: "Invalid number in JSON text"
        case .controlCharacter: "Unescaped control character in JSON string"
        case .invalidEscape: "Invalid escape sequence in JSON string"
        case .loneSurrogate: "Lone surrogate in JSON string"
        case .invalidUTF8: "JSON text is not valid UTF-8"
        }
    }
}
