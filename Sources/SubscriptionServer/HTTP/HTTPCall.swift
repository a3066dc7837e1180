import NIOCore
import NIOHTTP1

/// A whole HTTP request.
struct HTTPCall: Sendable {
    var head: HTTPRequestHead
    var body: ByteBuffer
    /// The address of the client, when it is known.
    var peer: String?

    /// The path of the target, as it came.
    var path: Substring {
        self.head.uri.prefix { $0 != "?" && $0 != "#" }
    }

    /// What stands behind the question mark; empty without one.
    var query: Substring {
        guard let mark = self.head.uri.firstIndex(of: "?") else { return "" }
        return self.head.uri[self.head.uri.index(after: mark)...].prefix { $0 != "#" }
    }

    /// What a connection gate is told.
    var facts: HandshakeFacts { HandshakeFacts(self.head, peer: self.peer) }
}

extension HandshakeFacts {
    /// The facts in the head of a request.
    init(_ head: HTTPRequestHead, peer: String?) {
        self.init(
            target: head.uri, fields: head.headers.map { Field(name: $0.name.lowercased(), value: $0.value) },
            peer: peer)
    }
}

/// A whole HTTP answer.
struct HTTPAnswer: Sendable {
    var status: HTTPResponseStatus
    /// Fields beside those of the framing.
    var fields: [(name: String, value: String)]
    var body: ByteBuffer

    init(_ status: HTTPResponseStatus, fields: [(name: String, value: String)] = [], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// An answer in plain text for people.
    static func text(
        _ status: HTTPResponseStatus, _ text: String, fields: [(name: String, value: String)] = []
    ) -> HTTPAnswer {
        HTTPAnswer(
            status, fields: [("Content-Type", "text/plain; charset=utf-8")] + fields,
            body: ByteBuffer(string: text + "\n"))
    }

    /// An answer to whom a limit keeps out (RFC 6585 §4): in plain text, with the time after which to come again.
    static func limited(_ refusal: LimitRefusal) -> HTTPAnswer {
        .text(.tooManyRequests, refusal.message, fields: [refusal.field])
    }

    /// The bytes of the answer (RFC 9112 §4 to §6).
    /// - Parameters:
    ///   - withoutBody: whether it answers HEAD, which gets the length but no body (RFC 9110 §9.3.2).
    ///   - closes: whether the connection ends with it.
    func encoded(withoutBody: Bool = false, closes: Bool = false) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 256 + self.body.readableBytes)
        buffer.writeString("HTTP/1.1 \(self.status.code) \(self.status.reasonPhrase)\r\n")
        for (name, value) in self.fields {
            buffer.writeString("\(name): \(value)\r\n")
        }
        if self.status.code >= 200, self.status != .noContent {
            buffer.writeString("Content-Length: \(self.body.readableBytes)\r\n")
        }
        if closes {
            buffer.writeString("Connection: close\r\n")
        }
        buffer.writeString("\r\n")
        if !withoutBody {
            buffer.writeImmutableBuffer(self.body)
        }
        return buffer
    }
}

extension LimitRefusal {
    /// RFC 9110 §10.2.3.
    var field: (name: String, value: String) { ("Retry-After", "\(self.retryAfter)") }
}

/// Answers HTTP requests.
protocol HTTPResponder: Sendable {
    /// The answer. The task is cancelled when the client leaves.
    func respond(to call: HTTPCall) async -> HTTPAnswer
}
