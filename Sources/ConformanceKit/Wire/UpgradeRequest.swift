import COpenSSL

/// The client's side of the opening handshake (RFC 6455 §4.1), built from its parts or given verbatim.
struct UpgradeRequest {
    /// 16 random bytes in base64.
    var key: String
    var bytes: [UInt8]

    init(_ arguments: ConnectArguments, endpoint: Target.Endpoint) {
        let key = Base64.encode((0..<16).map { _ in UInt8.random(in: .min ... .max) })
        let host = endpoint.authority
        let path = arguments.path ?? endpoint.path
        self.key = key
        if let request = arguments.request {
            self.bytes = Array(
                request.replacing("{{host}}", with: host).replacing("{{path}}", with: path)
                    .replacing("{{key}}", with: key).utf8)
            return
        }
        var headers: [(name: String, value: String)] = [
            ("Host", host), ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", key),
        ]
        let offer = arguments.offer ?? [Subprotocol.token(of: arguments.transport)]
        if !offer.isEmpty { headers.append(("Sec-WebSocket-Protocol", offer.joined(separator: ", "))) }
        for (name, values) in arguments.headers {
            headers.removeAll { $0.name.lowercased() == name.lowercased() }
            headers.append(contentsOf: values.map { (name, $0) })
            if name.lowercased() == "sec-websocket-key", let value = values.first { self.key = value }
        }
        var text = "\(arguments.method) \(path) HTTP/1.1\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        for line in arguments.headerLines { text += "\(line)\r\n" }
        self.bytes = Array((text + "\r\n").utf8)
    }

    /// The value of `Sec-WebSocket-Accept` that belongs to a key (RFC 6455 §4.2.2).
    static func accept(for key: String) -> String {
        let text = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
        var digest = [UInt8](repeating: 0, count: 20)
        var count: UInt32 = 20
        guard EVP_Digest(text, text.count, &digest, &count, EVP_sha1(), nil) == 1 else { return "" }
        return Base64.encode(digest)
    }
}

/// Names of the dialects on the wire.
enum Subprotocol {
    static func token(of transport: String) -> String {
        transport == "legacy-ws" ? "graphql-ws" : "graphql-transport-ws"
    }
}

enum Base64 {
    /// RFC 4648 §4, with padding.
    static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for offset in 0..<3 { bits = bits << 8 | (offset < group.count ? UInt32(group[start + offset]) : 0) }
            for place in 0..<4 {
                let index = Int(bits >> UInt32(18 - 6 * place)) & 63
                text.append(place <= group.count ? alphabet[index] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
