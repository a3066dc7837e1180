import NIOCore
import NIOHTTP1

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
        .text(.tooManyRequests, refusal.message, fields: refusal.fields)
    }

    /// The answer with one more field.
    func with(_ name: String, _ value: String) -> HTTPAnswer {
        var copy = self
        copy.fields.append((name, value))
        return copy
    }

    /// The bytes of the answer (RFC 9112 §4 to §6).
    /// - Parameters:
    ///   - withoutBody: whether it answers HEAD, which gets the length but no body (RFC 9110 §9.3.2).
    ///   - closes: whether the connection ends with it.
    func encoded(withoutBody: Bool = false, closes: Bool = false) -> ByteBuffer {
        var fields = self.fields
        if self.status.code >= 200, self.status != .noContent {
            fields.append(("Content-Length", "\(self.body.readableBytes)"))
        }
        var buffer = Self.encodedHead(
            self.status, fields, capacity: withoutBody ? 0 : self.body.readableBytes, closes: closes)
        if !withoutBody {
            buffer.writeImmutableBuffer(self.body)
        }
        return buffer
    }

    /// The status line and the fields, with room for so many bytes behind them.
    static func encodedHead(
        _ status: HTTPResponseStatus, _ fields: [(name: String, value: String)], capacity: Int = 0, closes: Bool
    ) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: 256 + capacity)
        buffer.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        for (name, value) in fields {
            buffer.writeString("\(name): \(value)\r\n")
        }
        if closes {
            buffer.writeString("Connection: close\r\n")
        }
        buffer.writeString("\r\n")
        return buffer
    }
}

/// What a request is answered with.
enum HTTPReply: Sendable {
    /// All of it at once.
    case answer(HTTPAnswer)
    /// Bytes as they come into being.
    case stream(HTTPStreamAnswer)
}

/// Answers HTTP requests.
protocol HTTPResponder: Sendable {
    /// The answer. The task is cancelled when the client leaves.
    func respond(to call: HTTPCall) async -> HTTPReply
}
