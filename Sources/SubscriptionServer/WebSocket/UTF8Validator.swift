/// Checks UTF-8 that comes in pieces (RFC 3629 §4, RFC 6455 §8.1): no overlong forms, no surrogates, nothing past
/// U+10FFFF. Fails at the first byte that cannot continue what came before.
struct UTF8Validator {
    /// Bytes still missing from the character begun last.
    private var missing = 0
    /// What the next of them may be.
    private var next: ClosedRange<UInt8> = 0x80...0xBF

    /// Whether the text may end here, that is not inside a character.
    var isAtBoundary: Bool { self.missing == 0 }

    /// Takes the next piece. False when it cannot be part of UTF-8 text; the validator is of no use then.
    mutating func accept(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset < bytes.count {
            if self.missing == 0 {
                // Eight ASCII bytes at a time.
                while offset + 8 <= bytes.count,
                    bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    offset += 8
                }
                guard offset < bytes.count else { break }
                guard self.begin(bytes[offset]) else { return false }
            } else {
                guard self.next.contains(bytes[offset]) else { return false }
                self.missing -= 1
                self.next = 0x80...0xBF
            }
            offset += 1
        }
        return true
    }

    private mutating func begin(_ lead: UInt8) -> Bool {
        self.next = 0x80...0xBF
        switch lead {
        case 0x00...0x7F: self.missing = 0
        case 0xC2...0xDF: self.missing = 1
        case 0xE0: (self.missing, self.next) = (2, 0xA0...0xBF)
        case 0xED: (self.missing, self.next) = (2, 0x80...0x9F)
        case 0xE1...0xEF: self.missing = 2
        case 0xF0: (self.missing, self.next) = (3, 0x90...0xBF)
        case 0xF4: (self.missing, self.next) = (3, 0x80...0x8F)
        case 0xF1...0xF3: self.missing = 3
        default: return false
        }
        return true
    }
}
