import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Text messages over a WebSocket.
struct WebSocketTransport: Transport {
    let dialling: Dialling
    let fields: [(name: String, value: String)]
    let subprotocol: String?

    /// The longest message that is taken, in bytes.
    private static let longestMessage = 16 << 20

    func connect(
        on eventLoop: any EventLoop, lastEventID: String?, report: @escaping (TransportEvent) -> Void
    ) -> any TransportLink {
        let link = ChannelLink(
            report: report,
            frame: { channel, text in
                let frame = WebSocketFrame(
                    fin: true, opcode: .text, maskKey: .random(), data: ByteBuffer(string: text))
                channel.writeAndFlush(frame, promise: nil)
            },
            farewell: { channel in
                // The server answers a close frame by ending the connection; if it does not, this end does.
                guard channel.isActive else { return }
                var data = ByteBuffer()
                data.write(webSocketErrorCode: .normalClosure)
                let frame = WebSocketFrame(fin: true, opcode: .connectionClose, maskKey: .random(), data: data)
                channel.writeAndFlush(frame, promise: nil)
                channel.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
            })
        let bound = NIOLoopBound(link, eventLoop: eventLoop)
        let upgrade = self.upgrade(link: bound)
        self.dialling.dial(on: eventLoop) { channel in
            try upgrade(channel)
        }.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): link.use(channel)
            case .failure(let error): link.tell(.lost(.network(describeFailure(error))))
            }
        }
        return link
    }

    private func upgrade(link: NIOLoopBound<ChannelLink>) -> @Sendable (any Channel) throws -> Void {
        var headers = HTTPHeaders([("Host", self.dialling.address.authority), ("Content-Length", "0")])
        headers.remove(name: "Content-Length")
        if let subprotocol { headers.add(name: "Sec-WebSocket-Protocol", value: subprotocol) }
        for (name, value) in self.fields { headers.replaceOrAdd(name: name, value: value) }
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: self.dialling.address.target, headers: headers)
        let wanted = self.subprotocol
        let isSecure = self.dialling.address.isSecure
        return { channel in
            let upgrader = NIOTypedWebSocketClientUpgrader<Void>(
                maxFrameSize: Self.longestMessage, enableAutomaticErrorHandling: true,
                upgradePipelineHandler: { channel, response in
                    channel.eventLoop.makeCompletedFuture {
                        let link = link.value
                        let chosen = response.headers.first(name: "sec-websocket-protocol")
                        guard chosen == wanted else {
                            let what = chosen.map { "subprotocol \($0)" } ?? "no subprotocol"
                            link.tell(
                                .lost(.misunderstood("the server chose \(what), asked for was \(wanted ?? "none")")))
                            return
                        }
                        try channel.pipeline.syncOperations.addHandlers(
                            NIOWebSocketFrameAggregator(
                                minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 100_000,
                                maxAccumulatedFrameSize: Self.longestMessage),
                            WebSocketMessages(link: link))
                    }
                })
            var configuration = NIOUpgradableHTTPClientPipelineConfiguration(
                upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration<Void>(
                    upgradeRequestHead: head, upgraders: [upgrader],
                    notUpgradingCompletionHandler: { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try channel.pipeline.syncOperations.addHandler(RefusedUpgrade(link: link.value))
                        }
                    }))
            // A server may send its first messages together with the answer to the handshake.
            configuration.leftOverBytesStrategy = .forwardBytes
            let upgraded = try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                configuration: configuration)
            upgraded.assumeIsolated().whenFailure { error in
                link.value.tell(.lost(Self.loss(error, isSecure: isSecure)))
            }
        }
    }

    private static func loss(_ error: any Error, isSecure: Bool) -> Loss {
        .network(error is HTTPParserError ? "the server does not speak HTTP here" : describeFailure(error))
    }
}

/// Reads the status of an answer that is no upgrade.
private final class RefusedUpgrade: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let link: ChannelLink

    init(link: ChannelLink) {
        self.link = link
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = self.unwrapInboundIn(data) else { return }
        let seconds = head.headers.first(name: "retry-after").flatMap { Int64($0) }
        self.link.tell(.lost(.status(Int(head.status.code), retryAfter: seconds.map { .seconds($0) })))
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

/// Reads messages.
private final class WebSocketMessages: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let link: ChannelLink

    init(link: ChannelLink) {
        self.link = link
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // Behind the upgrade, so that what is sent in answer goes through finished handlers.
        context.eventLoop.assumeIsolated().execute { self.link.tell(.opened) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var frame = self.unwrapInboundIn(data)
        switch frame.opcode {
        case .text:
            self.link.tell(.heard)
            let text = String(buffer: frame.unmaskedData)
            self.link.tell(.message(DialectMessage(text: text)))
        case .ping:
            self.link.tell(.heard)
            let pong = WebSocketFrame(fin: true, opcode: .pong, maskKey: .random(), data: frame.unmaskedData)
            context.writeAndFlush(self.wrapOutboundOut(pong), promise: nil)
        case .pong: self.link.tell(.heard)
        case .connectionClose:
            var data = frame.unmaskedData
            let code = data.readWebSocketErrorCode().map { Int(UInt16(webSocketErrorCode: $0)) } ?? 1005
            let reason = String(buffer: data)
            var answer = ByteBuffer()
            if code != 1005 { answer.write(webSocketErrorCode: WebSocketErrorCode(codeNumber: code)) }
            let close = WebSocketFrame(fin: true, opcode: .connectionClose, maskKey: .random(), data: answer)
            context.writeAndFlush(self.wrapOutboundOut(close), promise: nil)
            self.link.tell(.lost(.closed(code: code, reason: reason)))
        default: break
        }
        frame.data.clear()
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
