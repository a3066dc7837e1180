import TestSupport
import Testing

@Suite(
    "TLS of the reference server", .enabled(if: TestCertificate.isPossible, "openssl is not installed: make setup"),
    .timeLimit(.minutes(1)))
struct TLSTests {
    @Test("Serves https, as openssl's own client sees it")
    func serves() async throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let server = try await ServerProcess.start([
            "--bus", "memory", "--tls-certificate", certificate.certificateFile, "--tls-key", certificate.keyFile,
        ])
        #expect(server.announcement.contains("https://127.0.0.1:"))
        let openssl = try #require(Executable.find("openssl"))
        let client = try Executable.run(
            openssl,
            [
                "s_client", "-connect", "127.0.0.1:\(server.port)", "-CAfile", certificate.certificateFile,
                "-verify_return_error", "-alpn", "http/1.1",
            ])
        #expect(client.output.contains("Verify return code: 0 (ok)"))
        #expect(client.output.contains("ALPN protocol: http/1.1"))
        server.terminate()
        #expect(try await server.exitCode() == 0)
    }

    @Test("Files that cannot be read end it with 66, others that are wrong with 64")
    func refuses() throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let (chain, key) = (certificate.certificateFile, certificate.keyFile)
        for (arguments, status, sentence) in [
            (["--tls-certificate", "/nowhere", "--tls-key", key], 66, "/nowhere cannot be read: No such file"),
            (["--tls-certificate", key, "--tls-key", key], 64, "holds no certificate in PEM"),
            (["--tls-certificate", chain, "--tls-key", chain], 64, "holds no private key in PEM"),
        ] as [([String], Int32, String)] {
            let result = try ServerProcess.run(["--bus", "memory"] + arguments)
            #expect(result.status == status)
            #expect(result.errors.contains(sentence))
            #expect(result.errors.split(separator: "\n").count == 1)
        }
    }
}
