import NIOCore

/// Speaks HTTP/2 over a connection of a test, frame by frame (RFC 9113 §4), with prior knowledge. Header blocks are
/// written without compression; of those received only a status with an entry of its own is understood.
struct HTTP2Wire {
    struct Frame: Equatable {
        var type: UInt8
        var flags: UInt8
        var stream: UInt32
        var payload: [UInt8]

        var text: String { String(decoding: self.payload, as: UTF8.self) }
        var endsStream: Bool { self.type <= 1 && self.flags & 1 != 0 }
    }

    static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8] = []) -> [UInt8] {
        var bytes: [UInt8] = []
        for shift in [16, 8, 0] {
            bytes.append(UInt8(truncatingIfNeeded: payload.count >> shift))
        }
        bytes += [type, flags]
        for shift in [24, 16, 8, 0] {
            bytes.append(UInt8(truncatingIfNeeded: stream >> UInt32(shift)))
        }
        return bytes + payload
    }

    /// A header block: each field as a literal that is not indexed (RFC 7541 §6.2.2).
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in fields {
            bytes.append(0)
            for text in [name, value] {
                // Lengths of 127 and more would need another form.
                bytes.append(UInt8(text.utf8.count))
                bytes += text.utf8
            }
        }
        return bytes
    }

    /// The beginning of a connection: the preface and empty settings.
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + Self.frame(4, 0, 0)

    /// A request on a stream of its own.
    static func request(
        _ stream: UInt32, _ method: String, _ path: String, _ fields: [(String, String)] = [], body: String? = nil
    ) -> [UInt8] {
        let block = self.block(
            [(":method", method), (":scheme", "http"), (":path", path), (":authority", "test")] + fields)
        let head = self.frame(1, body == nil ? 5 : 4, stream, block)
        return head + (body.map { self.frame(0, 1, stream, Array($0.utf8)) } ?? [])
    }

    static func reset(_ stream: UInt32) -> [UInt8] {
        self.frame(3, 0, stream, [0, 0, 0, 8])
    }
}

extension Wire {
    /// The next HTTP/2 frame that is about a stream, or GOAWAY; nil at the end.
    mutating func frame2() async throws -> HTTP2Wire.Frame? {
        while true {
            guard let head = try? await self.bytes(9) else { return nil }
            let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            let stream = head[5...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
            let payload = try await self.bytes(length)
            if head[3] == 4, head[4] & 1 == 0 {
                try await self.write(HTTP2Wire.frame(4, 1, 0))
            } else if head[3] == 6, head[4] & 1 == 0 {
                try await self.write(HTTP2Wire.frame(6, 1, 0, payload))
            } else if stream != 0 || head[3] == 7 {
                return HTTP2Wire.Frame(type: head[3], flags: head[4], stream: stream, payload: payload)
            }
        }
    }

    /// The next frame of that stream, which must be the next of all.
    mutating func frame2(of stream: UInt32) async throws -> HTTP2Wire.Frame {
        guard let frame = try await self.frame2() else { throw Broken("the connection has ended") }
        guard frame.stream == stream else { throw Broken("not of stream \(stream): \(frame)") }
        return frame
    }
}
