import ArgumentParser
import NIOCore
import ReferenceDomains
import SubscriptionProtocols

/// The command line. Each option can also be given by the environment, see `Settings+Environment`.
struct Settings: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference-server",
        abstract: "A GraphQL server for real-time clients, over WebSocket and HTTP, with events from Redis.",
        discussion: """
            It serves /graphql (WebSocket with graphql-transport-ws or the legacy graphql-ws, and HTTP POST), \
            /graphql/ws (WebSocket), /health/live, /health/ready and \
            /metrics. It prints one line to standard output when it accepts connections, and logs to standard error. \
            SIGTERM or SIGINT ends it in order: sockets are closed with 1001; a second one ends it at once.

            Durations are written like 500ms, 3s, 2m or 1h, sizes like 65536, 64KiB or 4MiB. Every option can also be \
            set in the environment, under its name in capitals: --redis-url is REFERENCE_SERVER_REDIS_URL. The command \
            line has the last word.

            Exit codes: 0 stopped in order, 64 wrong usage, 66 a file cannot be read, 69 cannot listen, 70 internal error, 128 + N ended at \
            once by signal N. A Redis that is away ends nothing: /health/ready says 503 until it is back.
            """)

    enum BusChoice: String, ExpressibleByArgument, CaseIterable {
        case redis
        case memory
    }

    /// The levels of `Logger.Level`.
    enum LogLevel: String, ExpressibleByArgument, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    enum LogFormat: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Option(help: ArgumentHelp("Address to listen on.", valueName: "address"))
    var host = "127.0.0.1"

    @Option(
        help: ArgumentHelp(
            "TCP port to listen on; 0 takes a free one and prints it. (default: 4000)", valueName: "0-65535"),
        transform: Self.port)
    var port = 4000

    @Option(help: "Where events come from: redis, or memory for this process alone.")
    var bus = BusChoice.redis

    // Read in `Program`, since messages about values that cannot be read repeat them, and this may hold a password.
    @Option(
        help: ArgumentHelp(
            """
            Redis, as redis://[[user]:password@]host[:port][/database], through Sentinels as \
            redis-sentinel://[[user]:password@]host[:port][,host[:port]…]/service[/database], or for a cluster as \
            redis-cluster://[[user]:password@]host[:port][,host[:port]…]; rediss for TLS.
            """, valueName: "url"))
    var redisURL = "redis://127.0.0.1:6379/0"

    @OptionGroup(title: "Redis")
    var redis: RedisOptions

    @Option(help: ArgumentHelp("Put before the name of every channel. (default: none)", valueName: "text"))
    var channelPrefix = ""

    @Option(help: "Channel names with the tenant (tenant:customer:42:...) or without (seed).")
    var channelLayout = ChannelNames.Layout.tenant

    @Option(help: ArgumentHelp("Tenant of all clients, as part of channel names.", valueName: "name"))
    var defaultTenant = "public"

    @Option(
        help: ArgumentHelp(
            "How long a socket may take until connection_init; then it is closed with 4408. (default: 3s)",
            valueName: "duration"), transform: DurationText.parse)
    var initTimeout: TimeAmount = .seconds(3)

    @Option(
        help: ArgumentHelp(
            "Time between WebSocket pings; a peer that leaves one unanswered until the next is cut. (default: 12s)",
            valueName: "duration"), transform: DurationText.parse)
    var keepaliveInterval: TimeAmount = .seconds(12)

    @Option(
        help: ArgumentHelp(
            "How long a connection may take to send its request. (default: 10s)", valueName: "duration"),
        transform: DurationText.parse)
    var handshakeTimeout: TimeAmount = .seconds(10)

    @Option(
        help: ArgumentHelp(
            "Longest message or request body in bytes; longer ones are refused (1009, 413). (default: 4MiB)",
            valueName: "size"), transform: ByteSize.parse)
    var maxMessageBytes = 4 << 20

    @Option(
        help: ArgumentHelp(
            "How long open connections may take to end after SIGTERM; then they are cut. (default: 10s)",
            valueName: "duration"), transform: DurationText.parse)
    var shutdownDeadline: TimeAmount = .seconds(10)

    @OptionGroup(title: "Something to look at")
    var demo: DemoOptions

    @OptionGroup(title: "TLS")
    var tls: TLSOptions

    @OptionGroup(title: "Limits")
    var limits: LimitOptions

    @OptionGroup(title: "Tokens")
    var auth: AuthOptions

    @OptionGroup(title: "Clients that do not read")
    var backPressure: BackPressureOptions

    @OptionGroup(title: "Operators")
    var operators: OperatorOptions

    @Option(help: "How log lines are written to standard error.")
    var logFormat = LogFormat.text

    @Option(help: "The least important lines that are logged.")
    var logLevel = LogLevel.info

    @Flag(
        help: """
            Serve operations of known behaviour (hello, slow, count, silent, topic, ...), obey the init tokens deny, \
            slow and crash, and allow --mutant. Not for production.
            """)
    var testMode = false

    @Option(
        help: ArgumentHelp(
            "Break the server on purpose in one way, to see whether a test notices; needs --test-mode.",
            valueName: "name"), transform: Self.mutant)
    var mutant: Misbehaviour?

    @Flag(help: "Print the names for --mutant with what each breaks and where it was seen, and exit.")
    var listMutants = false
}

extension Settings {
    static func port(_ text: String) throws -> Int {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(text), port <= 65535 else {
            throw Unusable("expected a number from 0 to 65535")
        }
        return port
    }

    private static func mutant(_ text: String) throws -> Misbehaviour {
        guard let mutant = Misbehaviour(rawValue: text) else {
            throw Unusable("there is no such mutant, --list-mutants prints all")
        }
        return mutant
    }
}

extension ChannelNames.Layout: ExpressibleByArgument {}
