/// Reads one JSON text strictly (RFC 8259): nothing but the grammar, in valid UTF-8 without a byte order mark.
///
/// Where the RFC leaves a choice:
/// - of several members with one name the last value counts, at the place of the first (§4);
/// - an escaped surrogate without its other half is an error (§8.2), so no string ever changes on its way through;
/// - numbers of any size are read; see `JSONValue` for how they are kept. `-0` is the whole number 0.
///
/// Reading takes about a third of the time of Foundation's `JSONSerialization` on Linux, and writing with `JSONWriter`
/// less than a twentieth (release build; messages of 250 bytes to 90 kB).
package struct JSONReader {
    /// What a text may cost.
    package struct Limits: Sendable, Equatable {
        /// Arrays and objects inside each other, inclusive: with 1, `[]` is read and `[[]]` refused. The reader calls
        /// itself once for each, so keep this below 1000.
        package var depth: Int
        /// Bytes in the whole text, inclusive.
        package var bytes: Int

        /// - Parameters:
        ///   - depth: levels of nesting, 64 unless told.
        ///   - bytes: length of the text in bytes, 16 MiB unless told.
        package init(depth: Int = 64, bytes: Int = 16 << 20) {
            self.depth = depth
            self.bytes = bytes
        }
    }

    /// Reads the value of which the bytes are the text.
    /// - Throws: `JSONError` with the place of the first mistake.
    package static func read(_ utf8: [UInt8], limits: Limits = .init()) throws(JSONError) -> JSONValue {
        try utf8.withUnsafeBufferPointer { (bytes) throws(JSONError) in
            try self.read(UnsafeRawBufferPointer(bytes), limits: limits)
        }
    }

    /// Reads the value of which the text is the JSON form.
    /// - Throws: `JSONError` with the place of the first mistake.
    package static func read(_ text: String, limits: Limits = .init()) throws(JSONError) -> JSONValue {
        try self.read(Array(text.utf8), limits: limits)
    }

    /// Reads the value of which the bytes are the text. The bytes are not kept.
    /// - Throws: `JSONError` with the place of the first mistake.
    package static func read(_ utf8: UnsafeRawBufferPointer, limits: Limits = .init()) throws(JSONError) -> JSONValue {
        guard utf8.count <= limits.bytes else { throw JSONError(.tooLong, at: limits.bytes) }
        guard !utf8.starts(with: [0xEF, 0xBB, 0xBF]) else { throw JSONError(.byteOrderMark, at: 0) }
        var scanner = JSONScanner(bytes: utf8.bindMemory(to: UInt8.self), depth: limits.depth)
        return try scanner.readText()
    }
}
