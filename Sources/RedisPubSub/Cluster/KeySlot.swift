/// The slot of a key or channel in a Redis cluster (cluster specification, "Key distribution model" and "Hash tags").
package enum KeySlot {
    /// How many slots there are; the last is one less.
    package static let count = 16_384

    /// The slot of a name, from 0: the checksum of what stands between its first `{` and the next `}` if that is not
    /// empty, else of the whole name.
    package static func of(_ name: [UInt8]) -> Int {
        Int(self.checksum(self.tag(in: name))) % self.count
    }

    /// The part of a name that decides.
    static func tag(in name: [UInt8]) -> ArraySlice<UInt8> {
        guard let open = name.firstIndex(of: UInt8(ascii: "{")) else { return name[...] }
        let rest = name[(open + 1)...]
        guard let close = rest.firstIndex(of: UInt8(ascii: "}")), close > rest.startIndex else { return name[...] }
        return rest[..<close]
    }

    /// CRC16 as XMODEM has it: polynomial 0x1021, from 0, no bits turned round.
    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt16 {
        bytes.reduce(0) { sum, byte in sum << 8 ^ self.table[Int(UInt8(truncatingIfNeeded: sum >> 8) ^ byte)] }
    }

    /// The checksum of each byte.
    private static let table: [UInt16] = (0..<256).map { byte in
        (0..<8).reduce(UInt16(byte) << 8) { sum, _ in sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
    }
}
