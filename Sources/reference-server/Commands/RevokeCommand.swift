import ArgumentParser
import Foundation
import Logging
import NIOPosix
import PubSub
import RedisPubSub
import SubscriptionServer

/// Takes a token, or all tokens of a user, back before their time.
struct RevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke a token or a user, on every server that shares the Redis; their connections end at once.",
        usage:
            "reference-server revoke (--jti <id> | --user <user> --tenant <tenant>) [--undo] [--redis-url <url>] [--redis-ca <file>]"
    )

    @Option(help: ArgumentHelp("The token, by its jti.", valueName: "id"))
    var jti: String?

    @Option(help: ArgumentHelp("The user, by the sub of his tokens.", valueName: "user"))
    var user: String?

    @Option(help: ArgumentHelp("The tenant of the user.", valueName: "tenant"))
    var tenant: String?

    @Flag(help: "Take a revocation back.")
    var undo = false

    @Option(
        help: ArgumentHelp(
            "Redis, as for the server. (default: REFERENCE_SERVER_REDIS_URL, or redis://127.0.0.1:6379/0)",
            valueName: "url"))
    var redisURL: String?

    @Option(
        help: ArgumentHelp(
            "Certificates in PEM, one of which must vouch for that of Redis. (default: REFERENCE_SERVER_REDIS_CA, or those that the system trusts)",
            valueName: "file"))
    var redisCA: String?

    @Option(
        help: ArgumentHelp(
            "Put before the names in Redis, as the servers are told. (default: REFERENCE_SERVER_CHANNEL_PREFIX, or none)",
            valueName: "text"))
    var channelPrefix: String?

    func validate() throws {
        let isUser = self.user != nil && self.tenant != nil
        guard (self.jti != nil && self.user == nil && self.tenant == nil) || (self.jti == nil && isUser) else {
            throw ValidationError("give --jti, or --user with --tenant")
        }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let url = try Self.url(self.redisURL ?? environment["REFERENCE_SERVER_REDIS_URL"] ?? "redis://127.0.0.1:6379/0")
        let prefix = self.channelPrefix ?? environment["REFERENCE_SERVER_CHANNEL_PREFIX"] ?? ""
        let revocation: Revocation =
            self.jti.map { .token($0) } ?? .user(tenant: self.tenant ?? "", user: self.user ?? "")
        let notice = RevocationNotice(revocation, isRevoked: !self.undo)
        let tls = try RedisOptions.tls(
            for: url,
            authorityFile: self.redisCA ?? environment["REFERENCE_SERVER_REDIS_CA"].flatMap { $0.isEmpty ? nil : $0 })
        let told = try await BriefRedis.use(url, tls) { bus in
            try await RevocationRegister(store: bus, bus: bus, prefix: prefix).change(notice)
        }
        print("\(self.undo ? "reinstated" : "revoked"), told \(told) server\(told == 1 ? "" : "s")")
    }

    private static func url(_ text: String) throws -> RedisAddress {
        do throws(RedisURL.ParseError) {
            return try RedisAddress(text)
        } catch {
            throw Settings.UsageError(description: "--redis-url: \(error)")
        }
    }
}

/// Redis for the time of one errand.
enum BriefRedis {
    /// Connects, does something, and leaves.
    ///
    /// - Throws: what the errand throws.
    static func use<Result: Sendable>(
        _ address: RedisAddress, _ tls: RedisTLS?,
        _ errand: @escaping @Sendable (any RedisBroker) async throws -> Result
    ) async throws -> Result {
        let bus = address.broker(
            clientName: "reference-server-command", group: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "command") { _ in SwiftLogNoOpLogHandler() }
        ) { $0.tls = tls }
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await bus.run() }
            defer { bus.shutdown() }
            try await self.connected(bus)
            return try await errand(bus)
        }
    }

    /// Waits until the bus is there, for five seconds at most; the errand then says what is wrong.
    private static func connected(_ bus: any RedisBroker) async throws {
        let deadline = ContinuousClock.now + .seconds(5)
        while bus.status != .connected, ContinuousClock.now < deadline {
            try await ContinuousClock().sleep(for: .milliseconds(10))
        }
    }
}
