import TestSupport
import Testing

@Suite(
    "Reference server with Redis over TLS",
    .enabled(
        if: RedisServer.isInstalled && TestCertificate.isPossible,
        "redis-server, redis-cli or openssl is not installed: make setup"),
    .timeLimit(.minutes(2)))
struct RedisOverTLSTests {
    @Test("The server, publish and revoke reach a Redis whose authority they are given, and no other")
    func reached() async throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let port = try Executable.freePort()
        let redis = try await RedisServer.start(
            password: "s3cret",
            options: [
                "--tls-port", "\(port)", "--tls-cert-file", certificate.certificateFile, "--tls-key-file",
                certificate.keyFile, "--tls-ca-cert-file", certificate.certificateFile, "--tls-auth-clients", "no",
            ])
        let url = ["--redis-url", "rediss://:s3cret@localhost:\(port)"]
        let options = url + ["--redis-ca", certificate.certificateFile]
        let server = try await ServerProcess.start(options)
        #expect(server.announcement.contains("events from rediss://localhost:\(port)/0"))
        try await eventually("ready") { try server.readiness() == 200 }
        let event = ["publish", "network-status", "--customer-id", "7", "--connection-status", "online"]
        #expect(try ServerProcess.run(event + options) == (0, "published network-status to 0 servers", ""))
        #expect(try ServerProcess.run(event + url).status == 69)
        let revoked = try ServerProcess.run(["revoke", "--jti", "one"] + options)
        #expect(revoked == (0, "revoked, told 0 servers", ""))
        server.terminate()
        #expect(try await server.exitCode() == 0)
        redis.kill()
    }

    @Test("Files that cannot be read end it with 66, others that are wrong with 64")
    func refuses() throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        for command in [[], ["revoke", "--jti", "x"]] {
            for (arguments, status, sentence) in [
                (["rediss://:s3cret@h", "--redis-ca", "/nowhere"], 66, "/nowhere cannot be read: No such file"),
                (["rediss://:s3cret@h", "--redis-ca", certificate.keyFile], 64, "holds no certificate in PEM"),
                (["redis://:s3cret@h", "--redis-ca", "/nowhere"], 64, "--redis-ca needs a --redis-url with TLS"),
            ] as [([String], Int32, String)] {
                let result = try ServerProcess.run(command + ["--redis-url"] + arguments)
                #expect(result.status == status)
                #expect(result.errors.contains(sentence))
                #expect(!result.errors.contains("s3cret"))
                #expect(result.errors.split(separator: "\n").count == 1)
            }
        }
    }
}
