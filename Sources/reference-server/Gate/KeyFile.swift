import Foundation

/// Files with keys.
enum KeyFile {
    /// What cannot be read, in words for the operator.
    struct Unreadable: Error, CustomStringConvertible {
        let description: String
    }

    /// The longest file, in bytes, inclusive.
    static let maximumBytes = 1 << 20

    /// The bytes of a file.
    static func read(_ path: String) throws -> [UInt8] {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Unreadable(description: "it cannot be read")
        }
        guard bytes.count <= self.maximumBytes else {
            throw Unreadable(description: "it has more than \(self.maximumBytes) bytes")
        }
        return Array(bytes)
    }

    /// The secret in a file: its bytes without the end of the line that editors and `echo` leave behind.
    static func secret(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes[...]
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return Array(bytes)
    }
}
