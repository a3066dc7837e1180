// Swift compares strings by canonical equivalence: "é" equals "e" with a combining accent, and U+212A (Kelvin sign)
// equals "K". JSON and GraphQL compare code points, so names and values that come from outside are compared by bytes.
extension String {
    /// Whether both strings have the same UTF-8 bytes.
    package func hasSameBytes(as other: String) -> Bool {
        // Equal bytes are always canonically equal, so an inequality, by far the usual answer, is settled fast.
        guard self.utf8.count == other.utf8.count, self == other else { return false }
        let isSame = self.utf8.withContiguousStorageIfAvailable { mine in
            other.utf8.withContiguousStorageIfAvailable { mine.hasSameBytes(as: $0) }
        }
        return (isSame ?? nil) ?? self.utf8.elementsEqual(other.utf8)
    }

    /// Feeds the UTF-8 bytes, and an end mark, to the hasher.
    ///
    /// `String`'s own hash is that of the normal form, in which an attacker can name any number of different strings
    /// with one hash.
    func hashBytes(into hasher: inout Hasher) {
        let wasHashed: Void? = self.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: .init($0)) }
        if wasHashed == nil {
            for byte in self.utf8 {
                hasher.combine(byte)
            }
        }
        hasher.combine(0xFF as UInt8)
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Whether both have the same bytes; their counts must be equal.
    fileprivate func hasSameBytes(as other: UnsafeBufferPointer<UInt8>) -> Bool {
        let mine = UnsafeRawBufferPointer(self)
        let others = UnsafeRawBufferPointer(other)
        var offset = 0
        while offset + 8 <= mine.count {
            let left = mine.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            guard left == others.loadUnaligned(fromByteOffset: offset, as: UInt64.self) else { return false }
            offset += 8
        }
        while offset < mine.count {
            guard mine[offset] == others[offset] else { return false }
            offset += 1
        }
        return true
    }
}

/// A string that equals another only when the bytes are the same; for use as a key.
package struct ByteString: Hashable, Sendable {
    /// The whole text.
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package static func == (left: ByteString, right: ByteString) -> Bool {
        left.text.hasSameBytes(as: right.text)
    }

    package func hash(into hasher: inout Hasher) {
        self.text.hashBytes(into: &hasher)
    }
}
