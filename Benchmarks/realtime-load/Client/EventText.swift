import NIOCore

/// The text that is published: when, and its number on its channel, as `NANOSECONDS:NUMBER`.
struct EventText: Equatable {
    /// By the monotonic clock of this process.
    let sentAt: UInt64
    /// From 1; 0 is a probe.
    let number: UInt64

    var text: String { "\(self.sentAt):\(self.number)" }

    /// Finds the text in a message of a server, as the value of `topic`; nil when there is none.
    static func find(in message: ByteBuffer) -> EventText? {
        message.withUnsafeReadableBytes { bytes in
            guard var place = self.endOfNeedle(in: bytes) else { return nil }
            // Some write a space behind the colon.
            while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x22 { place += 1 }
            guard let sentAt = self.number(bytes, &place), place < bytes.count, bytes[place] == 0x3A else {
                return nil
            }
            place += 1
            return self.number(bytes, &place).map { EventText(sentAt: sentAt, number: $0) }
        }
    }

    /// `"topic":` as a number: eight bytes, the first lowest.
    private static let needle = UInt64(littleEndian: 0x3A22_6369_706F_7422)

    private static func endOfNeedle(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count >= 8 else { return nil }
        for place in 0...(bytes.count - 8)
        where bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self) == self.needle {
            return place + 8
        }
        return nil
    }

    private static func number(_ bytes: UnsafeRawBufferPointer, _ place: inout Int) -> UInt64? {
        let start = place
        var number: UInt64 = 0
        while place < bytes.count, case let digit = bytes[place] &- 0x30, digit < 10 {
            number = number &* 10 &+ UInt64(digit)
            place += 1
        }
        return place > start ? number : nil
    }
}
