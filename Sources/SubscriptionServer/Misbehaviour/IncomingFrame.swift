/// A frame of a client as it came (RFC 6455 §5.2), for a server that misreads frames.
struct IncomingFrame {
    /// Longer payloads are not waited for, in bytes.
    private static let limit = 64 << 20

    /// FIN, the reserved bits and the opcode.
    let first: UInt8
    /// The 7 bits that say how the length is written.
    let lengthForm: UInt8
    let isMasked: Bool
    let mask: [UInt8]
    /// Without the mask.
    let payload: [UInt8]
    /// All bytes, as they came.
    let raw: [UInt8]
    /// What is read in place of `raw`; nil for `raw` itself.
    private var replacement: [UInt8]?

    /// What can be said about the beginning of some bytes.
    enum Reading {
        case frame(IncomingFrame)
        /// The frame is longer than anything that is waited for.
        case endless
    }

    var opcode: UInt8 { self.first & 0x0F }
    var isFinal: Bool { self.first & 0x80 != 0 }
    var isControl: Bool { self.opcode >= 8 }
    /// Whether it is a text or goes on with one.
    var isText: Bool { self.opcode < 2 }
    /// What is to be read.
    var bytes: [UInt8] { self.replacement ?? self.raw }

    /// Nil until the frame is complete.
    static func read(_ bytes: [UInt8]) -> Reading? {
        guard bytes.count >= 2 else { return nil }
        let form = bytes[1] & 0x7F
        let extended = form == 126 ? 2 : form == 127 ? 8 : 0
        guard bytes.count >= 2 + extended else { return nil }
        let length =
            extended == 0 ? UInt64(form) : bytes[2..<(2 + extended)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(Self.limit) else { return .endless }
        let isMasked = bytes[1] & 0x80 != 0
        let start = 2 + extended + (isMasked ? 4 : 0)
        let end = start + Int(length)
        guard bytes.count >= end else { return nil }
        let mask = isMasked ? Array(bytes[(2 + extended)..<start]) : [0, 0, 0, 0]
        return .frame(
            IncomingFrame(
                first: bytes[0], lengthForm: form, isMasked: isMasked, mask: mask,
                payload: zip(bytes[start..<end], 0...).map { $0 ^ mask[$1 % 4] }, raw: Array(bytes[..<end])))
    }

    /// The frame with another first byte.
    func with(first: UInt8) -> IncomingFrame { self.with(first, self.payload) }

    /// The frame with another payload.
    func with(payload: [UInt8]) -> IncomingFrame { self.with(self.first, payload) }

    private func with(_ first: UInt8, _ payload: [UInt8]) -> IncomingFrame {
        var head: [UInt8] = [first]
        // Clients mask, so what is read in place of their frame has a mask, one that changes nothing.
        switch payload.count {
        case ...125: head.append(0x80 | UInt8(payload.count))
        case ...0xFFFF: head += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: head += [0x80 | 127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload.count >> ($0 * 8)) }
        }
        return IncomingFrame(
            first: first, lengthForm: head[1] & 0x7F, isMasked: true, mask: [0, 0, 0, 0], payload: payload,
            raw: self.raw, replacement: head + [0, 0, 0, 0] + payload)
    }

    /// The frame as if it had come with another mask than it did.
    func masked(as mask: [UInt8]) -> IncomingFrame {
        guard self.isMasked else { return self }
        var copy = self
        let start = self.raw.count - self.payload.count
        copy.replacement = self.raw[..<(start - 4)] + mask + self.raw[start...]
        return copy
    }
}
