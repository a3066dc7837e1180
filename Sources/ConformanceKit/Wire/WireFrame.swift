/// A WebSocket frame as it was on the wire (RFC 6455 §5.2), payload unmasked.
package struct WireFrame: Sendable, Hashable, Codable {
    package var fin: Bool
    /// The three reserved bits, RSV1 = 4.
    package var rsv: UInt8
    /// 0 to 15.
    package var opcode: UInt8
    package var masked: Bool
    /// Bytes of the extended length: 0, 2 or 8.
    package var lengthForm: Int
    package var payload: Bytes

    package init(
        fin: Bool = true, rsv: UInt8 = 0, opcode: UInt8, masked: Bool, lengthForm: Int? = nil, payload: [UInt8]
    ) {
        self.fin = fin
        self.rsv = rsv
        self.opcode = opcode
        self.masked = masked
        self.lengthForm = lengthForm ?? WireFrame.shortestForm(payload.count)
        self.payload = Bytes(payload)
    }

    /// The form that RFC 6455 §5.2 asks for.
    package static func shortestForm(_ count: Int) -> Int { count < 126 ? 0 : count < 65_536 ? 2 : 8 }
}

/// The opcodes of RFC 6455 §5.2.
package enum Opcode {
    package static let continuation: UInt8 = 0
    package static let text: UInt8 = 1
    package static let binary: UInt8 = 2
    package static let close: UInt8 = 8
    package static let ping: UInt8 = 9
    package static let pong: UInt8 = 10
}

/// The answer to an upgrade request.
package struct WireResponse: Sendable, Hashable, Codable {
    package var status: Int
    package var headers: [Header]
    /// The head as it came.
    package var head: Bytes
    /// What followed the head, when the answer is not 101; at most 64 KiB.
    package var body: Bytes
    /// Whether `Sec-WebSocket-Accept` is the one that belongs to the key; nil when no key was sent.
    package var acceptIsRight: Bool?
    /// `1.1` or `2`; nil for the answer to an upgrade.
    package var version: String?

    package struct Header: Sendable, Hashable, Codable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(
        status: Int, headers: [Header], head: [UInt8], body: [UInt8] = [], acceptIsRight: Bool? = nil,
        version: String? = nil
    ) {
        self.status = status
        self.headers = headers
        self.head = Bytes(head)
        self.body = Bytes(body)
        self.acceptIsRight = acceptIsRight
        self.version = version
    }

    /// The values of a header, name compared without case.
    package func values(_ name: String) -> [String] {
        self.headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}
