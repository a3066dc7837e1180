import NIOSSL

/// The client's side of TLS on a socket of the runner.
struct TLSClient: Sendable {
    private let context: NIOSSLContext
    private let hostname: String?

    /// - Parameter protocols: What is offered by ALPN. The opening handshake of RFC 6455 is HTTP/1.1.
    init(_ tls: Profile.TLS, host: String, protocols: [String] = ["http/1.1"]) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = tls.isVerified ? .fullVerification : .none
        if let file = tls.authorities { configuration.trustRoots = .file(file) }
        configuration.applicationProtocols = protocols
        self.context = try NIOSSLContext(configuration: configuration)
        // An address is no name: it is neither sent nor may NIOSSL be told it as one.
        let name = tls.serverName ?? host
        let isAddress = name.contains(":") || name.allSatisfy { $0.isNumber || $0 == "." }
        self.hostname = isAddress ? nil : name
    }

    func handler() throws -> NIOSSLClientHandler {
        try NIOSSLClientHandler(context: self.context, serverHostname: self.hostname)
    }
}
