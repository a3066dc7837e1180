import Glibc
import NIOSSL

/// What the server proves itself with: a certificate chain and its private key, ready for use (TLS 1.2 and 1.3).
package struct TLSIdentity: Sendable {
    /// A file that cannot be used, with the reason in one sentence.
    package struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        /// Whether the file could not even be read.
        package let isUnreadable: Bool
        package let description: String
    }

    /// The protocols that are spoken above TLS, in the order of preference (ALPN, RFC 7301).
    private static let applicationProtocols = ["h2", "http/1.1"]

    let context: NIOSSLContext

    /// - Parameters:
    ///   - certificateFile: the server's own certificate, then those that lead to the root, in PEM.
    ///   - keyFile: the private key of the first, in PEM, not encrypted.
    /// - Throws: `Problem`.
    package init(certificateFile: String, keyFile: String) throws(Problem) {
        let chain = try Self.read(certificateFile, "certificate") { try NIOSSLCertificate.fromPEMFile($0) }
        let key = try Self.read(keyFile, "private key") { try NIOSSLPrivateKey(file: $0, format: .pem) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = Self.applicationProtocols
        do {
            self.context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw Problem(
                isUnreadable: false,
                description: "the key in \(keyFile) is not that of the certificate in \(certificateFile)")
        }
    }

    private static func read<Value>(
        _ file: String, _ kind: String, _ read: (String) throws -> Value
    ) throws(Problem) -> Value {
        // The library does not tell a file that cannot be read from one with something else in it.
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = strerror(errno).map { String(cString: $0) } ?? "error \(errno)"
            throw Problem(isUnreadable: true, description: "\(file) cannot be read: \(reason)")
        }
        close(descriptor)
        do {
            return try read(file)
        } catch {
            throw Problem(isUnreadable: false, description: "\(file) holds no \(kind) in PEM")
        }
    }
}
