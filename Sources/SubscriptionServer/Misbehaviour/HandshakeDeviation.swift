import NIOCore
import NIOHTTP1
import SubscriptionProtocols

// What a misbehaving server does wrong with the opening handshake: it is given a request that was changed as it would
// misread it, and its answer is changed.
extension Misbehaviour {
    /// A request for a WebSocket as the server understands it.
    func understood(_ head: HTTPRequestHead) -> HTTPRequestHead {
        var head = head
        let field = "sec-websocket-protocol"
        switch self {
        case .subprotocolListNotRead:
            let lines = head.headers[field]
            if lines.count != 1 || lines[0].contains(where: { $0 == "," || $0 == " " || $0 == "\t" }) {
                head.headers.remove(name: field)
            }
        case .subprotocolCaseIgnored:
            let lines = head.headers[field].map { $0.lowercased() }
            head.headers.remove(name: field)
            lines.forEach { head.headers.add(name: field, value: $0) }
        case .headerTokensExact:
            if head.headers["connection"] != ["Upgrade"] || head.headers["upgrade"] != ["websocket"] {
                head.headers.remove(name: "connection")
            }
        case .keyUnchecked:
            head.headers.replaceOrAdd(name: "sec-websocket-key", value: "AAAAAAAAAAAAAAAAAAAAAA==")
        case .versionUnchecked:
            head.headers.replaceOrAdd(name: "sec-websocket-version", value: "13")
        case .methodUnchecked:
            head.method = .GET
            head.version = .http1_1
        default: break
        }
        return head
    }

    /// The answer to a handshake as it is sent.
    func answered(_ answer: HTTPAnswer, to head: HTTPRequestHead) -> HTTPAnswer {
        var answer = answer
        switch self {
        case .subprotocolOmitted:
            answer.fields.removeAll { $0.name == "Sec-WebSocket-Protocol" }
        case .acceptKeyWrong:
            answer.fields.removeAll { $0.name == "Sec-WebSocket-Accept" }
            let key = head.headers.first(name: "sec-websocket-key") ?? ""
            answer.fields.append(("Sec-WebSocket-Accept", WebSocketHandshake.accept(for: key, salt: "")))
        case .extensionInvented:
            answer.fields.append(("Sec-WebSocket-Extensions", "permessage-deflate"))
        default: break
        }
        return answer
    }

    /// Whether a request that is no handshake gets no answer at all.
    func ignores(_ call: HTTPCall, at path: String) -> Bool {
        self == .plainHTTPMute && call.head.method == .GET && call.path == path
    }
}

/// Refuses a request whose head does not come in one piece, which no server may do.
final class WholeHeadHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var hasRead = false
    private var hasRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.hasRefused else { return }
        let bytes = self.unwrapInboundIn(data)
        if !self.hasRead, !String(buffer: bytes).contains("\r\n\r\n") {
            self.hasRefused = true
            let answer = HTTPAnswer(.badRequest).encoded(closes: true)
            context.writeAndFlush(self.wrapOutboundOut(answer), promise: nil)
            context.close(mode: .output, promise: nil)
            return
        }
        self.hasRead = true
        context.fireChannelRead(data)
    }
}
