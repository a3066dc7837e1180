import Glibc
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS
import SubscriptionProtocols

/// Sets up each connection that Hummingbird's server accepts.
///
/// Connections live on their event loop: what Hummingbird is to handle is done as soon as they are set up, so that no
/// task is kept for a connection, whatever it turns into.
struct RealtimeChannel: ServerChildChannel {
    /// A connection that needs no handling.
    struct Value: ServerChildChannelValue {
        let channel: any Channel
    }

    let server: ServerContext

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            if let tls = self.server.configuration.tls {
                try self.configure(channel, above: tls)
            } else {
                try self.configure(channel)
            }
            self.server.connections.add(channel, counting: self.server.metrics.connections)
            return Value(channel: channel)
        }
    }

    func handle(value: Value, logger: Logger) async {}

    /// Begins with TLS; the rest of the pipeline is built when both sides have agreed on a protocol. Must be called on
    /// the event loop.
    private func configure(_ channel: any Channel, above tls: TLSIdentity) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(NIOSSLServerHandler(context: tls.context))
        try pipeline.addHandler(TLSDeadline(server: self.server))
        try pipeline.addHandler(
            ApplicationProtocolNegotiationHandler { result, channel in
                channel.eventLoop.makeCompletedFuture {
                    switch result {
                    case .negotiated(let name): try self.configure(channel, negotiated: name)
                    case .fallback: try self.configure(channel)
                    }
                }
            })
    }

    /// Builds the pipeline, above TLS or without it. Must be called on the event loop.
    /// - Parameter negotiated: the protocol that TLS agreed on (ALPN); nil without TLS, where the first bytes tell.
    func configure(_ channel: any Channel, negotiated: String? = nil) throws {
        if self.server.misbehaviour == .descriptorsKept {
            channel.closeFuture.whenComplete { _ in _ = dup(STDERR_FILENO) }
        }
        if let options = channel.syncOptions {
            let mark = BackPressurePolicy.writeMark
            try options.setOption(.writeBufferWaterMark, value: .init(low: mark / 2, high: mark))
            try? options.setOption(.tcpOption(.tcp_nodelay), value: 1)
            if self.server.misbehaviour != .handshakeInOneRead {
                try options.setOption(.recvAllocator, value: LeanReads())
            }
            try options.setOption(.maxMessagesPerRead, value: 1)
        }
        switch negotiated {
        case "h2": try self.configureHTTP2(channel)
        case nil: try channel.pipeline.syncOperations.addHandler(ProtocolSniffer(server: self))
        default: try self.configureHTTP1(channel)
        }
    }

    /// Lets the connection speak HTTP/1, and become a WebSocket. Must be called on the event loop.
    func configureHTTP1(_ channel: any Channel) throws {
        let limits = self.server.configuration.limits
        var decoding = NIOHTTPDecoderLimitConfiguration()
        decoding.maxHeaderFieldSize = limits.headerBytes
        decoding.maxHeaderListSize = limits.headerBytes
        decoding.maxHeaderFieldCount = limits.headerFields
        let strategy: RemoveAfterUpgradeStrategy =
            self.server.misbehaviour == .earlyFramesLost ? .dropBytes : .forwardBytes
        let decoder = ByteToMessageHandler(
            HTTPRequestDecoder(leftOverBytesStrategy: strategy, limitConfiguration: decoding))
        let pipeline = channel.pipeline.syncOperations
        if self.server.misbehaviour == .handshakeInOneRead {
            try pipeline.addHandler(WholeHeadHandler())
        }
        try pipeline.addHandler(decoder)
        try pipeline.addHandler(ConnectionHandler(server: self.server, decoder: decoder))
    }
}
