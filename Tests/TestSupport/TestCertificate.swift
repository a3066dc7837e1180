import Foundation

/// A certificate for 127.0.0.1 and localhost that signs itself, made by the `openssl` command in a directory of its own.
package struct TestCertificate: Sendable {
    /// Whether the command is there.
    package static let isPossible = Executable.find("openssl") != nil

    /// The files, in PEM.
    package let certificateFile: String
    package let keyFile: String
    private let directory: String

    /// Makes a new key and a certificate that is valid for a day.
    package init() throws {
        guard let openssl = Executable.find("openssl") else {
            throw NeverHappened(description: "openssl is not installed: make setup")
        }
        self.directory = FileManager.default.temporaryDirectory.path + "/tls-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
        self.certificateFile = self.directory + "/certificate.pem"
        self.keyFile = self.directory + "/key.pem"
        let made = try Executable.run(
            openssl,
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
                "-keyout", self.keyFile, "-out", self.certificateFile, "-subj", "/CN=localhost", "-addext",
                "subjectAltName=IP:127.0.0.1,DNS:localhost",
            ])
        guard made.status == 0 else { throw NeverHappened(description: "openssl: \(made.errors)") }
    }

    /// Removes the files.
    package func remove() {
        try? FileManager.default.removeItem(atPath: self.directory)
    }
}
