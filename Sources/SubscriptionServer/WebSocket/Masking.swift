/// The masking of RFC 6455 §5.3.
enum Masking {
    /// Masks, or unmasks, a part of a payload.
    /// - Parameters:
    ///   - mask: four bytes, the first highest.
    ///   - offset: how many bytes of the payload came before this part.
    static func apply(_ mask: UInt32, offset: Int, to bytes: UnsafeMutableRawBufferPointer) {
        // Turned so that the first byte of this part meets the first byte of the mask.
        let shift = UInt32(offset % 4) * 8
        let turned = shift == 0 ? mask : mask << shift | mask >> (32 - shift)
        let word = (UInt64(turned) << 32 | UInt64(turned)).bigEndian
        var index = 0
        while index + 8 <= bytes.count {
            let masked = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ word
            bytes.storeBytes(of: masked, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < bytes.count {
            bytes[index] ^= UInt8(truncatingIfNeeded: turned >> (24 - 8 * UInt32(index % 4)))
            index += 1
        }
    }
}
