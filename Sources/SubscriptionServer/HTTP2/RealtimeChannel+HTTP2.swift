import NIOCore
import NIOHTTP1
import NIOHTTP2

extension RealtimeChannel {
    /// Lets the connection speak HTTP/2: by ALPN, or because the client knew beforehand. Must be called on the event
    /// loop, before any byte of HTTP/2 has passed.
    func configureHTTP2(_ channel: any Channel) throws {
        let server = self.server
        let limits = server.configuration.limits
        let timeouts = server.configuration.timeouts
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            // As many as operations on a WebSocket are sensible: each stream is one operation.
            HTTP2Setting(parameter: .maxConcurrentStreams, value: 1000),
            HTTP2Setting(parameter: .maxHeaderListSize, value: limits.headerBytes),
        ]
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.outboundBufferSizeHighWatermark = BackPressurePolicy.writeMark
        stream.outboundBufferSizeLowWatermark = BackPressurePolicy.writeMark / 2
        let management = NIOHTTP2ServerConnectionManagementHandler(
            eventLoop: channel.eventLoop,
            configuration: .init(
                maxIdleTime: timeouts.handshake, maxAge: nil, maxGraceTime: nil,
                keepalive: .init(pingInterval: timeouts.keepAlive, ackTimeout: timeouts.keepAlive)))
        let first = FirstStream()
        let peer = channel.remoteAddress?.ipAddress
        let bound = NIOLoopBound(first, eventLoop: channel.eventLoop)
        let pipeline = channel.pipeline.syncOperations
        _ = try pipeline.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: connection, streamConfiguration: stream,
            streamDelegate: management.http2StreamDelegate
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                bound.value.wasOpened = true
                let pipeline = stream.pipeline.syncOperations
                try pipeline.addHandler(HTTP2FramePayloadToHTTP1ServerCodec())
                try pipeline.addHandler(HTTP2StreamHandler(server: server, peer: peer))
            }
        }
        try pipeline.addHandler(management)
        try pipeline.addHandler(HTTP2ConnectionHandler(server: server, first: first))
    }
}

/// Whether a connection has had a stream. Bound to its event loop.
final class FirstStream {
    var wasOpened = false
}

/// What of an HTTP/2 connection is neither a stream's affair nor NIO's: its end, and clients that open no stream.
final class HTTP2ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    private let server: ServerContext
    private let first: FirstStream
    private var deadline: Scheduled<Void>?

    init(server: ServerContext, first: FirstStream) {
        self.server = server
        self.first = first
    }

    func handlerAdded(context: ChannelHandlerContext) {
        // Later idleness is noticed by NIO's handler, which begins to count with the end of the last stream.
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(
            in: self.server.configuration.timeouts.handshake
        ) { [weak self] in
            guard let self, !self.first.wasOpened else { return }
            self.server.metrics.cuts.add("No request")
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.deadline?.cancel()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // A client that ends its side can neither cancel streams nor make room for more bytes: it has left.
        if case ChannelEvent.inputClosed = event {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Errors of single streams come as events of theirs; what arrives here breaks the connection.
        guard !(error is NIOHTTP2Errors.StreamError) else { return }
        context.close(promise: nil)
    }
}
