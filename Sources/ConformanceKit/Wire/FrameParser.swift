import CProcess

/// Reads frames from bytes in any pieces (RFC 6455 §5.2). It judges nothing: what is wrong with a frame is found later.
struct FrameParser {
    /// Frames that announce more bytes than this are not waited for.
    static let maximumPayload = 32 << 20

    struct TooLong: Error, Equatable {
        var announced: UInt64
    }

    private var buffer: [UInt8] = []
    private var start = 0

    /// Takes bytes in.
    mutating func append(_ bytes: some Sequence<UInt8>) {
        if self.start > 1 << 16, self.start * 2 > self.buffer.count {
            self.buffer.removeFirst(self.start)
            self.start = 0
        }
        self.buffer.append(contentsOf: bytes)
    }

    /// Bytes of a frame that is not whole yet.
    var rest: ArraySlice<UInt8> { self.buffer[self.start...] }

    /// The next whole frame, or nil if more bytes are needed.
    mutating func next() throws(TooLong) -> WireFrame? {
        let start = self.start
        var tooLong: TooLong?
        let frame = self.buffer.withUnsafeBufferPointer { all -> (WireFrame, Int)? in
            let bytes = UnsafeBufferPointer(rebasing: all[start...])
            do throws(TooLong) {
                guard let head = try Self.head(bytes) else { return nil }
                return (Self.frame(head, bytes), head.end)
            } catch {
                tooLong = error
                return nil
            }
        }
        if let tooLong { throw tooLong }
        guard let (whole, length) = frame else { return nil }
        self.start += length
        if self.start == self.buffer.count {
            self.buffer.removeAll(keepingCapacity: self.buffer.count < 1 << 16)
            self.start = 0
        }
        return whole
    }

    // MARK: In place

    /// What stands before the payload of a frame, and where the payload is.
    struct Head {
        var first: UInt8
        var isMasked: Bool
        /// Bytes of the extended length: 0, 2 or 8.
        var lengthForm: Int
        /// Where the payload begins, counted from the frame's first byte.
        var payload: Int
        /// Behind the frame's last byte.
        var end: Int

        var fin: Bool { self.first & 0x80 != 0 }
        var rsv: UInt8 { (self.first >> 4) & 7 }
        var opcode: UInt8 { self.first & 15 }
    }

    /// Reads the head of the frame at the beginning of the bytes; nil unless all of the frame is there.
    static func head(_ bytes: UnsafeBufferPointer<UInt8>) throws(TooLong) -> Head? {
        guard bytes.count >= 2 else { return nil }
        let isMasked = bytes[1] & 0x80 != 0
        var length = UInt64(bytes[1] & 0x7F)
        var form = 0
        if length >= 126 {
            form = length == 126 ? 2 : 8
            guard bytes.count >= 2 + form else { return nil }
            length = 0
            for place in 2..<(2 + form) { length = length << 8 | UInt64(bytes[place]) }
        }
        guard length <= UInt64(Self.maximumPayload) else { throw TooLong(announced: length) }
        let payload = 2 + form + (isMasked ? 4 : 0)
        guard bytes.count >= payload + Int(length) else { return nil }
        return Head(
            first: bytes[0], isMasked: isMasked, lengthForm: form, payload: payload, end: payload + Int(length))
    }

    private static func frame(_ head: Head, _ bytes: UnsafeBufferPointer<UInt8>) -> WireFrame {
        var payload = Array(bytes[head.payload..<head.end])
        if head.isMasked {
            let mask = Array(bytes[(head.payload - 4)..<head.payload])
            payload.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                gqc_mask(base, buffer.count, mask)
            }
        }
        return WireFrame(
            fin: head.fin, rsv: head.rsv, opcode: head.opcode, masked: head.isMasked, lengthForm: head.lengthForm,
            payload: payload)
    }
}
