/// A WebSocket client as small as can be (RFC 6455): whole text messages below 64 KiB, and no opinion on what it reads.
package final class RawWebSocket {
    /// What the server sent.
    package enum Message: Equatable, Sendable {
        case text(String)
        case close(code: Int?, reason: String)
        /// TCP ended.
        case end
    }

    private let socket: RawSocket
    private var buffer: [UInt8] = []

    /// Connects and upgrades.
    /// - Parameter fields: more header fields of the request.
    package init(
        port: Int, path: String = "/graphql", subprotocol: String = "graphql-transport-ws", fields: [String] = []
    ) throws {
        self.socket = try RawSocket(port: port)
        let head = """
            GET \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
            Sec-WebSocket-Protocol: \(subprotocol)\r\n\(fields.map { $0 + "\r\n" }.joined())\r\n
            """
        try self.socket.send(Array(head.utf8))
        let end = Array("\r\n\r\n".utf8)
        while true {
            if let place = self.buffer.firstRange(of: end) {
                let head = String(decoding: self.buffer[..<place.lowerBound], as: UTF8.self)
                guard head.hasPrefix("HTTP/1.1 101 ") else { throw RawSocket.Failure(description: head) }
                self.buffer.removeFirst(place.upperBound)
                return
            }
            try self.fill()
        }
    }

    /// Sends a text message.
    package func send(_ text: String) throws {
        try self.send(opcode: 1, Array(text.utf8))
    }

    /// Sends a close frame.
    package func close(_ code: UInt16 = 1000) throws {
        try self.send(opcode: 8, [UInt8(code >> 8), UInt8(code & 0xFF)])
    }

    /// The next text message or close frame; pings are answered and pongs ignored.
    package func receive() throws -> Message {
        while true {
            guard let (opcode, payload) = try self.frame() else { return .end }
            switch opcode {
            case 1:
                return .text(String(decoding: payload, as: UTF8.self))
            case 8:
                let code = payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil
                return .close(code: code, reason: String(decoding: payload.dropFirst(2), as: UTF8.self))
            case 9:
                try self.send(opcode: 10, payload)
            default:
                break
            }
        }
    }

    /// Sends `connection_init` and reads the acknowledgement.
    package func initialise(payload: String? = nil) throws {
        try self.send(#"{"type":"connection_init"\#(payload.map { #","payload":\#($0)"# } ?? "")}"#)
        let answer = try self.receive()
        guard answer == .text(#"{"type":"connection_ack"}"#) else {
            throw RawSocket.Failure(description: "no acknowledgement, but \(answer)")
        }
    }

    private func send(opcode: UInt8, _ payload: [UInt8]) throws {
        var frame = [0x80 | opcode]
        if payload.count < 126 {
            frame.append(0x80 | UInt8(payload.count))
        } else {
            frame += [0x80 | 126, UInt8(payload.count >> 8 & 0xFF), UInt8(payload.count & 0xFF)]
        }
        // A mask of zeros changes nothing, and is one.
        try self.socket.send(frame + [0, 0, 0, 0] + payload)
    }

    private func frame() throws -> (UInt8, [UInt8])? {
        guard try self.need(2) else { return nil }
        var header = 2
        var length = Int(self.buffer[1] & 0x7F)
        if length == 126 {
            header = 4
            guard try self.need(header) else { return nil }
            length = Int(self.buffer[2]) << 8 | Int(self.buffer[3])
        } else if length == 127 {
            header = 10
            guard try self.need(header) else { return nil }
            length = self.buffer[2..<10].reduce(0) { $0 << 8 | Int($1) }
        }
        guard try self.need(header + length) else { return nil }
        let frame = (self.buffer[0] & 0x0F, Array(self.buffer[header..<(header + length)]))
        self.buffer.removeFirst(header + length)
        return frame
    }

    private func need(_ count: Int) throws -> Bool {
        while self.buffer.count < count {
            let before = self.buffer.count
            try self.fill()
            if self.buffer.count == before { return false }
        }
        return true
    }

    private func fill() throws {
        self.buffer += try self.socket.receive()
    }
}
