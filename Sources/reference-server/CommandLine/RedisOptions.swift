import ArgumentParser
import NIOCore
import PubSub
import RedisPubSub
import SubscriptionServer

/// How the server gets on with a Redis that is away or hangs.
struct RedisOptions: ParsableArguments {
    /// The names of all options, for the environment.
    static let names = [
        "bus-on-loss", "bus-on-away", "bus-longest-wait", "gap-notice", "redis-connect-timeout",
        "redis-ca", "redis-command-timeout", "redis-ping-interval", "redis-longest-pause", "shared-limits",
        "shared-limits-on-away",
    ]

    enum Notice: String, ExpressibleByArgument, CaseIterable {
        case on
        case off
    }

    @Option(help: "What becomes of subscriptions when Redis goes: they stay (keep) or end with an error (end).")
    var busOnLoss = AwayPolicy.Streams.keep

    @Option(
        help: """
            What becomes of subscriptions that are asked for while Redis is away: an error at once (error), they wait \
            (queue), or new connections are refused as well (refuse).
            """)
    var busOnAway = AwayPolicy.Newcomers.error

    @Option(
        help: ArgumentHelp(
            "How long a queued subscription waits for Redis. (default: 30s)", valueName: "duration"),
        transform: DurationText.parse)
    var busLongestWait: TimeAmount = .seconds(30)

    @Option(help: "Whether the next event after an interruption says in its extensions that events may be missing.")
    var gapNotice = Notice.off

    @Option(
        help: ArgumentHelp(
            "Certificates in PEM, one of which must vouch for that of Redis; for rediss://. (default: those that the system trusts)",
            valueName: "file"))
    var redisCA: String?

    @Option(
        help: ArgumentHelp(
            "How long connecting to Redis may take. (default: 2s)", valueName: "duration"),
        transform: DurationText.parse)
    var redisConnectTimeout: TimeAmount = .seconds(2)

    @Option(
        help: ArgumentHelp(
            "How long Redis may take to answer a command; then it counts as gone. (default: 2s)", valueName: "duration"),
        transform: DurationText.parse)
    var redisCommandTimeout: TimeAmount = .seconds(2)

    @Option(
        help: ArgumentHelp(
            "How often an idle link to Redis is asked for a sign of life. (default: 1s)", valueName: "duration"),
        transform: DurationText.parse)
    var redisPingInterval: TimeAmount = .seconds(1)

    @Option(
        help: ArgumentHelp(
            "The longest pause between tries to connect; they begin at 50ms and double. (default: 1s)",
            valueName: "duration"), transform: DurationText.parse)
    var redisLongestPause: TimeAmount = .seconds(1)

    enum Shared: String, ExpressibleByArgument, CaseIterable {
        case on
        case off
    }

    @Option(help: "Whether limits of tenants and users count for all servers on one Redis together.")
    var sharedLimits = Shared.off

    @Option(help: "Whether shared limits let clients in (open) or refuse them (closed) while Redis is away.")
    var sharedLimitsOnAway = SharedLimitStore.AwayPolicy.open

    /// Whom the links to Redis believe.
    ///
    /// - Throws: `Settings.UsageError`, `RedisTLS.Problem`.
    func tls(for address: RedisAddress) throws -> RedisTLS? {
        try Self.tls(for: address, authorityFile: self.redisCA)
    }

    /// The same for the commands that have no other options for Redis.
    static func tls(for address: RedisAddress, authorityFile: String?) throws -> RedisTLS? {
        guard authorityFile == nil || address.isSecure else {
            throw Settings.UsageError(description: "--redis-ca needs a --redis-url with TLS, as rediss://host:port")
        }
        return address.isSecure ? try RedisTLS(authorityFile: authorityFile) : nil
    }

    /// The policy of the bus.
    var policy: AwayPolicy {
        var policy = AwayPolicy()
        policy.streams = self.busOnLoss
        policy.newcomers = self.busOnAway
        policy.longestWait = Duration(self.busLongestWait)
        policy.announcesGaps = self.gapNotice == .on
        return policy
    }
}

extension SharedLimitStore.AwayPolicy: ExpressibleByArgument {}
extension AwayPolicy.Streams: ExpressibleByArgument {}
extension AwayPolicy.Newcomers: ExpressibleByArgument {}
