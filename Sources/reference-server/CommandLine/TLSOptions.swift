import ArgumentParser
import SubscriptionServer

/// Where the server's certificate is. With both files the server speaks https and wss, and nothing else.
struct TLSOptions: ParsableArguments {
    /// The names of all options, for the environment.
    static let names = ["tls-certificate", "tls-key"]

    @Option(
        help: ArgumentHelp(
            "Certificate chain in PEM, the server's own first; serves https and wss. (default: none)",
            valueName: "file"))
    var tlsCertificate: String?

    @Option(
        help: ArgumentHelp(
            "Private key of the certificate in PEM, not encrypted. (default: none)", valueName: "file"))
    var tlsKey: String?

    /// Whether TLS is asked for.
    var isOn: Bool { self.tlsCertificate != nil }

    /// What the files hold; nil without them.
    /// - Throws: `Settings.UsageError`, `TLSIdentity.Problem`.
    func identity() throws -> TLSIdentity? {
        switch (self.tlsCertificate, self.tlsKey) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return try TLSIdentity(certificateFile: certificate, keyFile: key)
        case (_, nil): throw Settings.UsageError(description: "--tls-certificate needs --tls-key")
        case (nil, _): throw Settings.UsageError(description: "--tls-key needs --tls-certificate")
        }
    }
}
