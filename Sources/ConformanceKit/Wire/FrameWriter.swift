import CProcess

/// Spells frames as bytes, right or wrong, as the scenario wants them.
enum FrameWriter {
    static func bytes(
        _ frame: RawFrame, randomMask: @autoclosure () -> [UInt8] = FrameWriter.randomMask()
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(frame.payload.count + 14)
        bytes.append((frame.fin ? 0x80 : 0) | (frame.rsv & 7) << 4 | frame.opcode & 15)
        let length = frame.length ?? UInt64(frame.payload.count)
        let shortest = length < 126 ? 0 : length < 65_536 ? 2 : 8
        let form = max(frame.lengthForm ?? shortest, 0)
        let maskBit: UInt8 = frame.masked ? 0x80 : 0
        switch form {
        case 0: bytes.append(maskBit | UInt8(truncatingIfNeeded: min(length, 125)))
        case 2:
            bytes.append(maskBit | 126)
            bytes.append(UInt8(truncatingIfNeeded: length >> 8))
            bytes.append(UInt8(truncatingIfNeeded: length))
        default:
            bytes.append(maskBit | 127)
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: length >> UInt64(shift)))
            }
        }
        guard frame.masked else {
            bytes.append(contentsOf: frame.payload)
            return bytes
        }
        let mask = frame.mask ?? randomMask()
        bytes.append(contentsOf: mask)
        let start = bytes.count
        bytes.append(contentsOf: frame.payload)
        bytes.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress, mask.count == 4 else { return }
            gqc_mask(base + start, buffer.count - start, mask)
        }
        return bytes
    }

    static func randomMask() -> [UInt8] {
        (0..<4).map { _ in UInt8.random(in: .min ... .max) }
    }

    /// The frame as it goes into the history.
    static func record(_ frame: RawFrame) -> WireFrame {
        let length = frame.length ?? UInt64(frame.payload.count)
        let shortest = length < 126 ? 0 : length < 65_536 ? 2 : 8
        return WireFrame(
            fin: frame.fin, rsv: frame.rsv, opcode: frame.opcode, masked: frame.masked,
            lengthForm: frame.lengthForm ?? shortest, payload: frame.payload)
    }

    static func close(code: Int?, reason: String) -> RawFrame {
        var payload: [UInt8] = []
        if let code {
            payload = [UInt8(truncatingIfNeeded: code >> 8), UInt8(truncatingIfNeeded: code)] + Array(reason.utf8)
        }
        return RawFrame(opcode: Opcode.close, payload: payload)
    }
}
