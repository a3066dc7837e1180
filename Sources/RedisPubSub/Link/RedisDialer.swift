import NIOCore
import NIOPosix

/// Opens connections, with TLS if the URL says so.
struct RedisDialer: Sendable {
    private let limit: Duration
    /// What speaks TLS, if anything has to; or why it cannot.
    private let tls: Result<RedisTLS?, RedisTLS.Problem>

    init(_ configuration: RedisBusConfiguration) {
        self.limit = configuration.connectTimeout
        self.tls =
            switch (configuration.url.isSecure, configuration.tls) {
            case (false, _): .success(nil)
            case (true, let given?): .success(given)
            case (true, nil): Result { () throws(RedisTLS.Problem) in try RedisTLS() }
            }
    }

    /// Connects, and shakes hands if there is TLS; each may take as long as connecting may.
    ///
    /// - Parameter makeHandler: Makes what stands behind TLS; called on the event loop before the connection is there.
    func connect(
        to endpoint: RedisEndpoint, on eventLoop: any EventLoop,
        _ makeHandler: @escaping @Sendable () throws -> any ChannelHandler
    ) async throws -> any Channel {
        let tls = try self.tls.get()
        let limit = self.limit
        let secured = eventLoop.makePromise(of: Void.self)
        do {
            let channel = try await ClientBootstrap(group: eventLoop)
                .connectTimeout(TimeAmount(limit))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                // A buffer that has grown with a burst would stay as large.
                .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 16_384))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        if let tls {
                            try pipeline.addHandler(try tls.handler(for: endpoint.host))
                            try pipeline.addHandler(HandshakeWait(with: endpoint, limit: limit, promise: secured))
                        }
                        try pipeline.addHandler(try makeHandler())
                    }
                }
                .connect(host: endpoint.host, port: endpoint.port).get()
            if tls == nil { secured.succeed() }
            try await withTaskCancellationHandler {
                try await secured.futureResult.get()
            } onCancel: {
                channel.close(promise: nil)
            }
            return channel
        } catch {
            secured.fail(error)
            throw error
        }
    }
}
