import NIOCore

/// Cuts what a server sends into WebSocket frames (RFC 6455 §5.2). Knows just as much as a load client needs: frames
/// of servers have no mask, and each is a whole message.
struct FrameCutter {
    enum Opcode: UInt8 {
        case text = 1
        case close = 8
        case ping = 9
        case pong = 10
    }

    private var buffer = ByteBuffer()

    mutating func feed(_ bytes: inout ByteBuffer) {
        if self.buffer.readableBytes == 0 {
            self.buffer = bytes
        } else {
            self.buffer.discardReadBytes()
            self.buffer.writeBuffer(&bytes)
        }
    }

    /// The rest that is not cut yet.
    var rest: Int { self.buffer.readableBytes }

    /// The next whole frame; nil when more bytes are needed.
    mutating func next() -> (opcode: UInt8, payload: ByteBuffer)? {
        let start = self.buffer.readerIndex
        guard let first: UInt8 = self.buffer.getInteger(at: start),
            let second: UInt8 = self.buffer.getInteger(at: start + 1)
        else { return nil }
        var header = 2
        var length = Int(second & 0x7F)
        if length == 126 {
            guard let long: UInt16 = self.buffer.getInteger(at: start + 2) else { return nil }
            (header, length) = (4, Int(long))
        } else if length == 127 {
            guard let long: UInt64 = self.buffer.getInteger(at: start + 2) else { return nil }
            (header, length) = (10, Int(clamping: long))
        }
        guard self.buffer.readableBytes >= header + length,
            let payload = self.buffer.getSlice(at: start + header, length: length)
        else { return nil }
        self.buffer.moveReaderIndex(forwardBy: header + length)
        // An idle client keeps no buffer.
        if self.buffer.readableBytes == 0 { self.buffer = ByteBuffer() }
        return (first & 0x0F, payload)
    }

    /// A frame of a client, whose mask of zeros changes nothing, and is one.
    static func frame(_ opcode: Opcode, _ payload: [UInt8]) -> [UInt8] {
        var frame = [0x80 | opcode.rawValue]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            frame += [0x80 | 126, UInt8(payload.count >> 8 & 0xFF), UInt8(payload.count & 0xFF)]
        }
        return frame + [0, 0, 0, 0] + payload
    }
}
