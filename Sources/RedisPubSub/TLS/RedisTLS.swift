import Glibc
import NIOCore
import NIOSSL

/// Whom a link with TLS believes. The certificate of Redis and the name in it are always verified.
package struct RedisTLS: Sendable {
    /// A file that cannot be used, with the reason in one sentence.
    package struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        /// Whether the file could not even be read.
        package let isUnreadable: Bool
        package let description: String
    }

    private let context: NIOSSLContext

    /// - Parameter authorityFile: The certificates, in PEM, one of which must vouch for that of Redis; nil for those
    ///   that the system trusts.
    /// - Throws: `Problem`.
    package init(authorityFile: String? = nil) throws(Problem) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        configuration.certificateVerification = .fullVerification
        if let authorityFile { configuration.trustRoots = .certificates(try Self.certificates(authorityFile)) }
        do {
            self.context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Problem(isUnreadable: false, description: "TLS to Redis cannot be set up: \(error)")
        }
    }

    /// A handler that speaks TLS with a host. A name is told to the host (RFC 6066 §3) and has to be in its
    /// certificate; of an address, which is not told, the latter holds as well.
    func handler(for host: String) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
        return try NIOSSLClientHandler(context: self.context, serverHostname: isAddress ? nil : host)
    }

    private static func certificates(_ file: String) throws(Problem) -> [NIOSSLCertificate] {
        // The library does not tell a file that cannot be read from one with something else in it.
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
            throw Problem(isUnreadable: true, description: "\(file) cannot be read: \(reason)")
        }
        close(descriptor)
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(file), !certificates.isEmpty else {
            throw Problem(isUnreadable: false, description: "\(file) holds no certificate in PEM")
        }
        return certificates
    }
}
