import NIOCore

/// What a frame is (RFC 6455 §5.2). Reserved values have no case.
enum Opcode: UInt8, Sendable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    /// Control frames are short and whole, and may come between the fragments of a message (§5.5).
    var isControl: Bool { self.rawValue & 0x8 != 0 }
}

/// What precedes the payload of a frame (RFC 6455 §5.2).
struct FrameHeader: Equatable {
    /// The most that a control frame may carry, in bytes, inclusive (§5.5).
    static let controlLimit = 125
    /// Bytes of the longest header that a server writes: one without a mask.
    static let longest = 10

    var isFinal: Bool
    var opcode: Opcode
    /// Bytes of payload.
    var length: Int
    /// The mask as it came, first byte highest; nil for a frame without one.
    var mask: UInt32?

    /// What can be said about the beginning of a buffer.
    enum Reading: Equatable {
        /// The header is not complete yet.
        case incomplete
        /// A header of that many bytes.
        case header(FrameHeader, bytes: Int)
        /// No header that this server accepts, with the reason.
        case violation(String)
    }

    /// Reads a header that a client sent, strictly: every mistake is told from the first byte that shows it.
    /// - Parameter lenience: what a misbehaving server overlooks.
    static func read(_ buffer: ByteBuffer, lenience: FrameLenience = []) -> Reading {
        let start = buffer.readerIndex
        guard let first: UInt8 = buffer.getInteger(at: start) else { return .incomplete }
        guard first & 0x70 == 0 || lenience.contains(.reservedBits) else {
            return .violation("Reserved bits must be zero")
        }
        guard let opcode = Opcode(rawValue: first & 0x0F) else { return .violation("Reserved opcode") }
        let isFinal = first & 0x80 != 0
        guard isFinal || !opcode.isControl else { return .violation("Control frames must not be fragmented") }

        guard let second: UInt8 = buffer.getInteger(at: start + 1) else { return .incomplete }
        let isMasked = second & 0x80 != 0
        guard isMasked || lenience.contains(.unmasked) else { return .violation("Frames of clients must be masked") }
        guard second & 0x7F <= Self.controlLimit || !opcode.isControl else {
            return .violation("Control frames carry at most 125 bytes")
        }
        let length: UInt64
        var size = 2
        switch second & 0x7F {
        case 126:
            guard let long: UInt16 = buffer.getInteger(at: start + 2) else { return .incomplete }
            guard long > 125 else { return .violation("Lengths must take the shortest form") }
            length = UInt64(long)
            size += 2
        case 127:
            guard let long: UInt64 = buffer.getInteger(at: start + 2) else { return .incomplete }
            guard long >> 63 == 0 else { return .violation("Lengths must not have the highest bit") }
            guard long > 0xFFFF else { return .violation("Lengths must take the shortest form") }
            length = long
            size += 8
        case let short:
            length = UInt64(short)
        }
        var mask: UInt32?
        if isMasked {
            mask = buffer.getInteger(at: start + size)
            guard mask != nil else { return .incomplete }
            size += 4
        }
        return .header(
            FrameHeader(isFinal: isFinal, opcode: opcode, length: Int(length), mask: mask), bytes: size)
    }

    /// Appends the header of a whole frame from a server, with the length in its shortest form.
    static func write(_ opcode: Opcode, length: Int, to buffer: inout ByteBuffer) {
        buffer.writeInteger(0x80 | opcode.rawValue)
        switch length {
        case ...125:
            buffer.writeInteger(UInt8(length))
        case ...0xFFFF:
            buffer.writeMultipleIntegers(126 as UInt8, UInt16(length))
        default:
            buffer.writeMultipleIntegers(127 as UInt8, UInt64(length))
        }
    }
}

/// Rules of framing that a misbehaving server overlooks.
struct FrameLenience: OptionSet, Sendable {
    let rawValue: UInt8
    static let unmasked = FrameLenience(rawValue: 1)
    static let reservedBits = FrameLenience(rawValue: 2)
    static let invalidUTF8 = FrameLenience(rawValue: 4)
}
