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
        let bytes = self.buffer[self.start...]
        guard bytes.count >= 2 else { return nil }
        let first = bytes[self.start]
        let second = bytes[self.start + 1]
        let masked = second & 0x80 != 0
        var header = 2
        var length = UInt64(second & 0x7F)
        var form = 0
        if length >= 126 {
            form = length == 126 ? 2 : 8
            guard bytes.count >= 2 + form else { return nil }
            length = bytes[(self.start + 2)..<(self.start + 2 + form)].reduce(0) { $0 << 8 | UInt64($1) }
            header += form
        }
        guard length <= UInt64(Self.maximumPayload) else { throw TooLong(announced: length) }
        let maskStart = self.start + header
        if masked { header += 4 }
        guard bytes.count >= header + Int(length) else { return nil }
        let payloadStart = self.start + header
        var payload = Array(bytes[payloadStart..<(payloadStart + Int(length))])
        if masked {
            let mask = Array(bytes[maskStart..<(maskStart + 4)])
            payload.withUnsafeMutableBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                gqc_mask(base, buffer.count, mask)
            }
        }
        self.start = payloadStart + Int(length)
        if self.start == self.buffer.count {
            self.buffer.removeAll(keepingCapacity: self.buffer.count < 1 << 16)
            self.start = 0
        }
        return WireFrame(
            fin: first & 0x80 != 0, rsv: (first >> 4) & 7, opcode: first & 15, masked: masked, lengthForm: form,
            payload: payload)
    }
}
