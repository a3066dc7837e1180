import NIOCore
import NIOHTTP1

/// Server-sent events over HTTP/1.1.
struct EventStreamTransport: Transport {
    let dialling: Dialling
    let fields: [(name: String, value: String)]
    /// What is posted; nil for GET.
    let body: String?

    func connect(
        on eventLoop: any EventLoop, lastEventID: String?, report: @escaping (TransportEvent) -> Void
    ) -> any TransportLink {
        let link = ChannelLink(report: report)
        let bound = NIOLoopBound(link, eventLoop: eventLoop)
        var head = HTTPRequestHead(
            version: .http1_1, method: self.body == nil ? .GET : .POST, uri: self.dialling.address.target)
        head.headers = HTTPHeaders([
            ("Host", self.dialling.address.authority), ("Accept", "text/event-stream"), ("Cache-Control", "no-store"),
        ])
        for (name, value) in self.fields { head.headers.replaceOrAdd(name: name, value: value) }
        if let lastEventID { head.headers.add(name: "Last-Event-ID", value: lastEventID) }
        if let body {
            head.headers.add(name: "Content-Type", value: "application/json")
            head.headers.add(name: "Content-Length", value: "\(body.utf8.count)")
        }
        let request = (head, self.body)
        self.dialling.dial(on: eventLoop) { channel in
            try channel.pipeline.syncOperations.addHTTPClientHandlers()
            try channel.pipeline.syncOperations.addHandler(
                EventStreamHandler(head: request.0, body: request.1, link: bound.value))
        }.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): link.use(channel)
            case .failure(let error): link.tell(.lost(.network(describeFailure(error))))
            }
        }
        return link
    }
}

/// Sends the request and reads the stream.
private final class EventStreamHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let head: HTTPRequestHead
    private let body: String?
    private let link: ChannelLink
    private var parser = EventStreamParser()
    private var isReading = false

    init(head: HTTPRequestHead, body: String?, link: ChannelLink) {
        self.head = head
        self.body = body
        self.link = link
    }

    func channelActive(context: ChannelHandlerContext) {
        context.write(self.wrapOutboundOut(.head(self.head)), promise: nil)
        if let body {
            context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        }
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.begin(head)
        case .body(let bytes) where self.isReading: self.read(bytes)
        case .body: break
        case .end where self.isReading: self.link.tell(.lost(.network("the server ended the stream")))
        case .end: break
        }
    }

    private func begin(_ head: HTTPResponseHead) {
        switch head.status.code {
        case 200:
            let type = head.headers.first(name: "content-type") ?? "nothing"
            guard type.lowercased().hasPrefix("text/event-stream") else {
                self.link.tell(.lost(.misunderstood("the server answered with \(type), not with an event stream")))
                return
            }
            self.isReading = true
            self.link.tell(.opened)
        case 204: self.link.tell(.completed)
        default:
            let seconds = head.headers.first(name: "retry-after").flatMap { Int64($0) }
            self.link.tell(.lost(.status(Int(head.status.code), retryAfter: seconds.map { .seconds($0) })))
        }
    }

    private func read(_ bytes: ByteBuffer) {
        self.link.tell(.heard)
        do {
            for element in try self.parser.read(bytes.readableBytesView) {
                switch element {
                case .event(let type, let id, let data):
                    self.link.tell(
                        .message(DialectMessage(event: type, id: id.isEmpty ? nil : id, text: data)))
                case .retry(let delay): self.link.tell(.retry(delay))
                case .comment: break
                }
            }
        } catch {
            self.link.tell(.lost(.misunderstood("the server sent an event that is too long")))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.link.tell(.lost(.network("the server ended the connection")))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.link.tell(.lost(.network(describeFailure(error))))
        context.close(promise: nil)
    }
}
