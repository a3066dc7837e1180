import ArgumentParser
import GraphQLCore
import NIOCore
import SubscriptionServer

/// How much the server takes from its clients. Beyond: 429 before an upgrade, close 4429 after init, `error` with code
/// LIMIT_EXCEEDED or RATE_LIMITED for operations.
struct LimitOptions: ParsableArguments {
    /// A limit that may be absent.
    enum Count: Equatable {
        case none
        case limit(Int)

        var value: Int? {
            guard case .limit(let value) = self else { return nil }
            return value
        }
    }

    enum RateAction: String, ExpressibleByArgument, CaseIterable {
        case error
        case close
    }

    /// The names of all options, for the environment and for files.
    static let names = [
        "max-connections", "max-connections-per-address", "max-connections-per-tenant", "max-connections-per-user",
        "max-operations-per-connection", "max-operations-per-user", "messages-per-second", "message-burst",
        "tenant-messages-per-second", "tenant-message-burst", "rate-limit-action", "retry-after", "max-query-depth",
        "max-query-cost",
    ]

    /// Those that take effect while the server runs.
    static let reloadable = LimitOptions.names.filter { !$0.hasPrefix("max-query-") }

    @Option(
        help: ArgumentHelp(
            "Sockets and event streams at a time; one more gets 429. (default: none)", valueName: "number|none"),
        transform: Self.count)
    var maxConnections = Count.none

    @Option(
        help: ArgumentHelp("The same for each client address. (default: none)", valueName: "number|none"),
        transform: Self.count)
    var maxConnectionsPerAddress = Count.none

    @Option(
        help: ArgumentHelp(
            "Sockets and event streams of a tenant; one more is closed with 4429. (default: none)",
            valueName: "number|none"), transform: Self.count)
    var maxConnectionsPerTenant = Count.none

    @Option(
        help: ArgumentHelp("The same for each user of a tenant. (default: none)", valueName: "number|none"),
        transform: Self.count)
    var maxConnectionsPerUser = Count.none

    @Option(
        help: ArgumentHelp(
            "Operations open at a time on one socket or event stream; one more gets an error. (default: 1000)",
            valueName: "number|none"), transform: Self.count)
    var maxOperationsPerConnection = Count.limit(1000)

    @Option(
        help: ArgumentHelp(
            "Operations open at a time of a user, over all transports. (default: none)", valueName: "number|none"),
        transform: Self.count)
    var maxOperationsPerUser = Count.none

    @Option(
        help: ArgumentHelp("Messages per second from one socket. (default: none)", valueName: "number|none"),
        transform: Self.rate)
    var messagesPerSecond = Count.none

    @Option(
        help: ArgumentHelp(
            "Messages that a socket may send at once. (default: those of one second)", valueName: "number|none"),
        transform: Self.rate)
    var messageBurst = Count.none

    @Option(
        help: ArgumentHelp(
            "Messages and HTTP requests per second from one tenant to this process. (default: none)",
            valueName: "number|none"), transform: Self.rate)
    var tenantMessagesPerSecond = Count.none

    @Option(
        help: ArgumentHelp(
            "Messages and requests that a tenant may send at once. (default: those of one second)",
            valueName: "number|none"), transform: Self.rate)
    var tenantMessageBurst = Count.none

    @Option(help: "Whether too many messages get errors, or close the socket with 4429.")
    var rateLimitAction = RateAction.close

    @Option(
        help: ArgumentHelp(
            "When to come again after meeting a limit on what is open, in whole seconds. (default: 1s)",
            valueName: "duration"), transform: Self.seconds)
    var retryAfter = 1

    @Option(
        help: ArgumentHelp("Levels of fields in an operation, 1 to 200. (default: 32)", valueName: "number"),
        transform: Self.depth)
    var maxQueryDepth = EngineLimits().depth

    @Option(
        help: ArgumentHelp(
            "Fields in an operation, those in fragments counted at each use. (default: 10000)", valueName: "number"),
        transform: Self.number)
    var maxQueryCost = EngineLimits().cost
}

extension LimitOptions {
    /// What the server is told.
    var policy: LimitPolicy {
        var policy = LimitPolicy()
        policy.connectionsPerServer = self.maxConnections.value
        policy.connectionsPerPeer = self.maxConnectionsPerAddress.value
        policy.connectionsPerTenant = self.maxConnectionsPerTenant.value
        policy.connectionsPerUser = self.maxConnectionsPerUser.value
        policy.operationsPerConnection = self.maxOperationsPerConnection.value
        policy.operationsPerUser = self.maxOperationsPerUser.value
        policy.messagesPerConnection = self.messagesPerSecond.value.map {
            LimitPolicy.Rate(perSecond: $0, burst: self.messageBurst.value)
        }
        policy.messagesPerTenant = self.tenantMessagesPerSecond.value.map {
            LimitPolicy.Rate(perSecond: $0, burst: self.tenantMessageBurst.value)
        }
        policy.rateAction = self.rateLimitAction == .close ? .close : .error
        policy.retryAfter = self.retryAfter
        return policy
    }

    /// What the engine is told.
    var engine: EngineLimits { EngineLimits(depth: self.maxQueryDepth, cost: self.maxQueryCost) }

    private static func number(_ text: String, upTo maximum: Int) throws -> Int {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
            (1...maximum).contains(number)
        else { throw Unusable("expected a number from 1 to \(maximum)") }
        return number
    }

    static func number(_ text: String) throws -> Int {
        try self.number(text, upTo: 1_000_000_000)
    }

    private static func depth(_ text: String) throws -> Int {
        try self.number(text, upTo: 200)
    }

    private static func count(_ text: String) throws -> Count {
        text == "none" ? .none : .limit(try self.number(text))
    }

    private static func rate(_ text: String) throws -> Count {
        text == "none" ? .none : .limit(try self.number(text, upTo: 1_000_000))
    }

    private static func seconds(_ text: String) throws -> Int {
        let seconds = try DurationText.parse(text).nanoseconds / 1_000_000_000
        guard (1...3600).contains(seconds) else { throw Unusable("expected 1s to 1h") }
        return Int(seconds)
    }
}
