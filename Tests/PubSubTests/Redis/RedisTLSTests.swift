import Foundation
import PubSub
import RedisPubSub
import TestSupport
import Testing

@Suite(
    "Redis over TLS",
    .enabled(
        if: RedisServer.isInstalled && TestCertificate.isPossible,
        "redis-server, redis-cli or openssl is not installed: make setup"),
    .timeLimit(.minutes(2)))
struct RedisTLSTests {
    private static let name = "public:topic:one"
    private let channel: ChannelName

    init() throws {
        self.channel = try ChannelName(Self.name)
    }

    /// Runs the body with a Redis that speaks TLS on a port of its own, on 127.0.0.1 and 127.0.0.2; its certificate is
    /// for the first and for localhost.
    private func withRedis(
        password: String? = nil, _ body: (RedisServer, _ port: Int, TestCertificate) async throws -> Void
    ) async throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let port = try Executable.freePort()
        let redis = try await RedisServer.start(
            password: password,
            options: [
                "--bind", "127.0.0.1", "127.0.0.2", "--tls-port", "\(port)", "--tls-cert-file",
                certificate.certificateFile, "--tls-key-file", certificate.keyFile, "--tls-ca-cert-file",
                certificate.certificateFile, "--tls-auth-clients", "no",
            ])
        try await body(redis, port, certificate)
        redis.kill()
    }

    /// Runs a bus until a line with all the words was logged.
    private func expectComplaint(
        _ words: String..., url: String, tls: RedisTLS?, connectTimeout: Duration = .seconds(2)
    ) async throws {
        let lines = LogLines()
        let url = try RedisURL(url)
        try await withRedisBus(url, tls: tls, connectTimeout: connectTimeout, logger: lines.logger) { bus in
            do {
                try await eventually("the reason is logged") {
                    lines.all.contains { line in words.allSatisfy(line.contains) }
                }
            } catch {
                throw NeverHappened(description: "\(error), but \(lines.all)")
            }
            #expect(bus.status != .connected)
        }
        #expect(!lines.all.contains { $0.contains("hidden") })
    }

    @Test("Both links use TLS, by address and by name", arguments: ["127.0.0.1", "localhost"])
    func endToEnd(host: String) async throws {
        try await self.withRedis(password: "s3cret") { redis, port, certificate in
            let url = try RedisURL("rediss://:s3cret@\(host):\(port)/3")
            let tls = try RedisTLS(authorityFile: certificate.certificateFile)
            try await withRedisBus(url, tls: tls) { bus in
                try await eventually("the bus is connected") { bus.status == .connected }
                let clients = try redis.command("CLIENT", "LIST").split(separator: "\n")
                let ours = clients.filter { $0.contains(" name=bus-tests-") }
                #expect(ours.count == 2)
                #expect(ours.allSatisfy { $0.contains(" laddr=127.0.0.1:\(port) ") })
                let listener = try await Listener.listen(to: self.channel, on: bus)
                let long = String(repeating: "x", count: 200_000)
                #expect(try await bus.publish(long, to: self.channel) == 1)
                #expect(await listener.next(1) == [.message(long)])
            }
        }
    }

    @Test("Killed and started again: the channel is back once")
    func survivesRestart() async throws {
        try await self.withRedis { redis, port, certificate in
            let tls = try RedisTLS(authorityFile: certificate.certificateFile)
            try await withRedisBus(try RedisURL("rediss://127.0.0.1:\(port)"), tls: tls) { bus in
                try await eventually("the bus is connected") { bus.status == .connected }
                let listener = try await Listener.listen(to: self.channel, on: bus)
                redis.kill()
                #expect(await listener.next(1) == [.interrupted])
                try await redis.restart()
                #expect(await listener.next(1) == [.resumed])
                try await eventually("the bus is connected") { bus.status == .connected }
                #expect(try redis.subscriberCount(of: Self.name) == 1)
                #expect(try await bus.publish("again", to: self.channel) == 1)
                #expect(await listener.next(1) == [.message("again")])
            }
        }
    }

    @Test("A certificate that nobody vouches for is refused")
    func unknownAuthority() async throws {
        try await self.withRedis { _, port, _ in
            let other = try TestCertificate()
            defer { other.remove() }
            let words = "its certificate is not one that the authorities vouch for"
            let url = "rediss://:hidden@127.0.0.1:\(port)"
            try await self.expectComplaint(words, url: url, tls: try RedisTLS(authorityFile: other.certificateFile))
            // The authorities of the system.
            try await self.expectComplaint(words, url: url, tls: nil)
        }
    }

    @Test("A certificate for another host is refused")
    func otherHost() async throws {
        try await self.withRedis { _, port, certificate in
            try await self.expectComplaint(
                "Redis at 127.0.0.2:\(port): its certificate is for another host", url: "rediss://127.0.0.2:\(port)",
                tls: try RedisTLS(authorityFile: certificate.certificateFile))
        }
    }

    @Test("A Redis that accepts and hangs, and one that speaks no TLS, are given up")
    func noHandshake() async throws {
        try await self.withRedis { redis, port, certificate in
            let tls = try RedisTLS(authorityFile: certificate.certificateFile)
            try await self.expectComplaint(
                "Redis at 127.0.0.1:\(redis.port)", url: "rediss://:hidden@127.0.0.1:\(redis.port)", tls: tls)
            redis.hang()
            try await self.expectComplaint(
                "did not finish the TLS handshake within 0.2 seconds", url: "rediss://:hidden@127.0.0.1:\(port)",
                tls: tls, connectTimeout: .milliseconds(200))
        }
    }

    @Test("Files that hold no authority")
    func badFiles() throws {
        let certificate = try TestCertificate()
        defer { certificate.remove() }
        let missing = certificate.certificateFile + "-not-there"
        let texts = [
            missing: "\(missing) cannot be read: No such file or directory",
            certificate.keyFile: "\(certificate.keyFile) holds no certificate in PEM",
        ]
        for (file, text) in texts {
            #expect {
                try RedisTLS(authorityFile: file)
            } throws: { error in
                let problem = error as? RedisTLS.Problem
                return problem?.description == text && problem?.isUnreadable == (file == missing)
            }
        }
    }
}
