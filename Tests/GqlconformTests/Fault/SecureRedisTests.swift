import Foundation
import Glibc
import TestSupport
import Testing

@testable import ConformanceKit

/// A server whose Redis is looked at with TLS: leaks are seen there as well, and no certificate is believed unasked.
@Suite(.serialized, .timeLimit(.minutes(3)), .enabled(if: TestCertificate.isPossible))
struct SecureRedisTests {
    private static let leaks = """
        id: cleanup/closed
        uid: GC-9004
        title: A connection that is closed leaves no subscription behind
        level: MUST
        source: "A document"
        requires: [stream, redis]
        steps:
          - open: {as: c1}
          - subscribe: {conn: c1, id: s1, topic: "{{u}}"}
          - eventually: {redis: subscriptions, of: "{{u}}", equals: 1}
          - close: {conn: c1}
          - expect_close: {conn: c1, form: either}
          - eventually: {redis: subscriptions, of: "{{u}}", equals: 0}
          - redis: {command: [PUBLISH, "{{u}}:news", hello]}
        checks: [subscriptions-return-to-baseline]
        """

    private static func profile(plain: Int, secure: Int, authority: String) -> String {
        """
        server: {name: reference-server, version: 0.1.0}
        start:
          command:
            ["{{bin}}/reference-server", --port, "{{port}}", --redis-url, "redis://127.0.0.1:\(plain)/0", --test-mode]
          ready: {http: /health/ready, within: 20s}
          mutants: {arguments: [--mutant, "{{mutant}}"], list: ["{{bin}}/reference-server", --list-mutants]}
        endpoints:
          transport-ws: {url: "ws://127.0.0.1:{{port}}/graphql"}
        stream:
          document: "subscription ($topic: String!) { topic(name: $topic) }"
          variables: {topic: "{{topic}}"}
          nonce_at: data.topic
        redis: {url: "rediss://127.0.0.1:\(secure)/0"}
        tls: {ca: "\(authority)"}
        timing: {cleanup: 2s}
        """
    }

    /// Runs the body with a Redis that speaks TLS on its second port and nothing else there.
    private func withRedis(
        _ body: (Tool, _ plain: Int, _ secure: Int, TestCertificate) async throws -> Void
    ) async throws {
        let program = try #require(Executable.find("redis-server"))
        let tool = try Tool()
        defer { tool.remove() }
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let plain = try #require(FreePort.choose())
        let secure = try #require(FreePort.choose())
        let redis = try Subprocess(
            program,
            [
                "--bind", "127.0.0.1", "--port", "\(plain)", "--tls-port", "\(secure)", "--save", "",
                "--tls-cert-file", certificate.certificateFile, "--tls-key-file", certificate.keyFile,
                "--tls-ca-cert-file", certificate.certificateFile, "--tls-auth-clients", "no",
            ],
            environment: ProcessInfo.processInfo.environment, directory: tool.directory,
            outputDirectory: tool.directory)
        let outcome: Result<Void, any Error>
        do {
            try await eventually("redis-server speaks TLS", within: .seconds(20)) {
                redis.output.contains("Ready to accept connections")
            }
            try tool.write("suite/transport-ws/closed.yaml", Self.leaks)
            outcome = .success(try await body(tool, plain, secure, certificate))
        } catch {
            outcome = .failure(error)
        }
        // It inherited the signals that the threads of tests block, SIGTERM among them.
        redis.signal(SIGKILL)
        _ = await redis.waitForExit()
        try outcome.get()
    }

    private func run(_ tool: Tool, out: String, _ more: String...) async throws -> Tool.Result {
        try await tool.run(
            ["run", "cleanup/closed", "--suite", "suite", "--profile", "secure.yaml", "--out", out] + more)
    }

    @Test func leaksAreSeenWithTLS() async throws {
        try await self.withRedis { tool, plain, secure, certificate in
            try tool.write(
                "secure.yaml", Self.profile(plain: plain, secure: secure, authority: certificate.certificateFile))
            let good = try await self.run(tool, out: "good")
            #expect(good.status == 0, "\(good.output)\(good.errors)")
            #expect(good.lastLine == "1 passed, 0 failed, 3 skipped")
            let broken = try await self.run(tool, out: "broken", "--mutant", "source-kept-on-close")
            #expect(broken.status == 1, "\(broken.output)\(broken.errors)")
            #expect(broken.output.contains("fail cleanup/closed"), "\(broken.output)")
        }
    }

    /// What cannot be looked at is not known, which is said at once and is not the server's fault.
    @Test func aCertificateOfSomebodyElseIsNotBelieved() async throws {
        try await self.withRedis { tool, plain, secure, _ in
            let other = try TestCertificate()
            defer { other.remove() }
            try tool.write(
                "secure.yaml", Self.profile(plain: plain, secure: secure, authority: other.certificateFile))
            let result = try await self.run(tool, out: "out")
            #expect(result.status == 3, "\(result.output)\(result.errors)")
            #expect(result.lastLine == "0 passed, 0 failed, 0 skipped")
            #expect(
                result.errors == """
                    error: The Redis of the profile cannot be reached at 127.0.0.1:\(secure) with TLS: \
                    its certificate is not one that tls.ca of the profile vouches for.

                    """)
        }
    }
}
