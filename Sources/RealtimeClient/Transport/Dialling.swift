import NIOCore
import NIOPosix
import NIOSSL

/// Opens TCP connections, with TLS where the address asks for it.
struct Dialling: Sendable {
    let address: Address
    let tls: NIOSSLContext?
    private let timeout = TimeAmount.seconds(10)

    /// - Parameter trustedCertificates: A PEM file of authorities to trust instead of the system's.
    init(_ address: Address, trustedCertificates: String?) throws {
        self.address = address
        guard address.isSecure else {
            self.tls = nil
            return
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        if let trustedCertificates {
            configuration.trustRoots = .file(trustedCertificates)
        }
        self.tls = try NIOSSLContext(configuration: configuration)
    }

    /// - Parameter configure: Adds what comes behind TCP and TLS; called on the event loop.
    func dial(
        on eventLoop: any EventLoop, configure: @escaping @Sendable (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        let (tls, host) = (self.tls, self.address.host)
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(self.timeout)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            Self.handler(tls, host: host))
                    }
                    try configure(channel)
                }
            }
            .connect(host: host, port: self.address.port)
    }

    /// Server names cannot be addresses (RFC 6066 §3).
    private static func handler(_ tls: NIOSSLContext, host: String) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host)
    }
}
