import Glibc
import GraphQLCore
import Logging
import NIOCore
import NIOPosix
import PubSub
import RedisPubSub
import ReferenceDomains
import ServiceLifecycle
import SubscriptionProtocols
import SubscriptionServer
import UnixSignals

/// The parts of the server, put together.
struct Program {
    private let settings: Settings
    private let redisURL: RedisAddress
    private let bus: BusService
    private let server: RealtimeServer
    private let demo: DemoService?
    private let works: WorkKeeper?
    private let revocations: RevocationService<ContinuousClock>?
    private let admin: AdminServer?
    /// What takes new settings on SIGHUP.
    private let reloadables: [any Reloadable]
    private let logger: Logger
    private let sharedLimits: SharedLimitStore?

    /// - Throws: `Settings.UsageError` for settings that do not fit together, `TLSIdentity.Problem`,
    ///   `RedisTLS.Problem`, `SchemaErrors`.
    init(_ settings: Settings) async throws {
        guard settings.mutant == nil || settings.testMode else {
            throw Settings.UsageError(
                description: "--mutant needs --test-mode, since it breaks the server on purpose")
        }
        let group = MultiThreadedEventLoopGroup.singleton
        var logger = Logger(label: "reference-server") { LineLogHandler(label: $0, format: settings.logFormat) }
        logger.logLevel = Logger.Level(rawValue: settings.logLevel.rawValue) ?? .info
        let redisURL = try Self.redisURL(settings)
        let bus: BusService =
            switch settings.bus {
            case .memory: .memory()
            case .redis:
                try .redis(
                    redisURL, settings.redis, breaking: settings.mutant, group: group, processID: getpid(),
                    logger: logger)
            }
        let channels = try Self.channels(settings)
        let environment = Self.environment(settings, bus, channels, logger)
        let engine = try Self.engine(settings, environment, logger: logger)
        let operations = OperationsRoutes(environment)
        self.demo = DemoService(settings, environment, logger)
        // What is in memory is gone with its server.
        self.works = settings.bus == .redis ? WorkKeeper(environment: environment) : nil
        self.sharedLimits = Self.sharedLimits(settings, bus)
        self.settings = settings
        self.redisURL = redisURL
        self.bus = bus
        self.logger = logger
        let book = Self.book(settings)
        let keys = settings.auth.isOn ? try await ReloadableKeys(settings.auth, logger: logger) : nil
        self.revocations = book.map { Self.revocations(settings, bus: bus, book: $0, logger: logger) }
        do {
            self.server = try RealtimeServer(
                configuration: try Self.configuration(settings), engine: engine,
                gate: Self.gate(settings, keys: keys, revocations: book),
                routes: Pages.routes + operations.http,
                probes: [Self.probe(bus, settings, redisURL)] + Self.probes(of: book),
                socketRoutes: operations.sockets + (settings.testMode ? [EchoSocket.route] : []),
                limitStore: self.sharedLimits, revocations: book, extraMetrics: bus.metrics, logger: logger,
                eventLoopGroup: group)
        } catch let error as ServerConfiguration.Invalid {
            throw Settings.UsageError(description: "\(error)")
        }
        self.admin = try Self.admin(settings, self.server)
        self.reloadables = [ReloadableLimits(limiter: self.server.limiter)] + (keys.map { [$0] } ?? [])
    }

    /// Runs until it is told to stop.
    ///
    /// - Returns: The exit code.
    /// - Throws: `RealtimeServer.CannotListen`; anything else is a mistake of ours.
    func run() async throws -> Int32 {
        // Services stop in reverse order: the bus after the server that delivers its events.
        let beneath: [(any Service)?] = [self.bus, self.revocations, self.sharedLimits]
        let above: [(any Service)?] = [self.works, self.server, self.demo, self.admin]
        let all = (beneath + above).compactMap { $0 }
        let services = ServiceGroup(configuration: .init(services: all, logger: self.quiet))
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        return try await withThrowingTaskGroup(of: Int32?.self) { group in
            group.addTask {
                try await services.run()
                return 0
            }
            group.addTask {
                try? await self.announce()
                return nil
            }
            group.addTask {
                var isStopping = false
                for await signal in signals {
                    if signal == .sighup {
                        await Self.reload(self.reloadables, logger: self.logger)
                        continue
                    }
                    // The system ends what is still open; waiting for anything would not be "at once".
                    if isStopping { exit(128 + (signal == .sigint ? SIGINT : SIGTERM)) }
                    isStopping = true
                    await services.triggerGracefulShutdown()
                }
                return nil
            }
            defer { group.cancelAll() }
            while let code = try await group.next() {
                if let code { return code }
            }
            return 0
        }
    }

    private var quiet: Logger {
        var logger = self.logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }

    /// Prints the one line that others wait for.
    private func announce() async throws {
        let port = try await self.server.listeningPort()
        let host = self.settings.host.contains(":") ? "[\(self.settings.host)]" : self.settings.host
        var facts = [self.settings.bus == .redis ? "events from \(self.redisURL)" : "events in memory"]
        facts.append(Self.access(self.settings))
        if self.settings.testMode { facts.append("test mode") }
        if let admin = self.admin { facts.append("operators on port \(try await admin.listeningPort())") }
        if let mutant = self.settings.mutant { facts.append("mutant \(mutant.name)") }
        let scheme = self.settings.tls.isOn ? "https" : "http"
        let line =
            "reference-server listening on \(scheme)://\(host):\(port)/graphql (\(facts.joined(separator: ", ")))\n"
        Array(line.utf8).withUnsafeBytes { bytes in
            _ = write(STDOUT_FILENO, bytes.baseAddress, bytes.count)
        }
    }

    static func redisURL(_ settings: Settings) throws -> RedisAddress {
        do throws(RedisURL.ParseError) {
            return try RedisAddress(settings.redisURL)
        } catch {
            throw Settings.UsageError(description: "--redis-url: \(error)")
        }
    }

    static func channels(_ settings: Settings) throws -> ChannelNames {
        var option = "--channel-prefix"
        do throws(GraphQLError) {
            _ = try ChannelNames(prefix: settings.channelPrefix)
            option = "--default-tenant"
            return try ChannelNames(
                prefix: settings.channelPrefix, layout: settings.channelLayout, defaultTenant: settings.defaultTenant,
                faults: DomainFaults(settings.mutant))
        } catch {
            throw Settings.UsageError(description: "\(option): \(error.message)")
        }
    }

    private static func engine(
        _ settings: Settings, _ environment: DomainEnvironment, logger: Logger
    ) throws -> GraphQLEngine {
        let fixture = settings.testMode ? Fixture(bus: environment.bus, channels: environment.channels) : nil
        let schema = ReferenceSchema(environment, fixture: fixture)
        var options = EngineOptions(onInternalError: { error, path, context in
            let trace = (context as? Identity)?.trace
            logger.record(.resolverFailed(error: "\(error)", path: "\(path)", trace: trace))
        })
        options.validatesDocuments = settings.mutant != .validationSkipped
        options.limitFault = settings.mutant.flatMap(LimitFault.init)
        return try GraphQLEngine(
            schema: Schema(sdl: schema.sources), resolvers: schema.resolvers, limits: settings.limits.engine,
            options: options)
    }

    private static func configuration(_ settings: Settings) throws -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.access = try self.accessPolicy(settings)
        configuration.tls = try settings.tls.identity()
        configuration.host = settings.host
        configuration.port = settings.port
        configuration.timeouts.connectionInit = settings.initTimeout
        configuration.timeouts.keepAlive = settings.keepaliveInterval
        configuration.timeouts.handshake = settings.handshakeTimeout
        configuration.timeouts.shutdown = settings.shutdownDeadline
        configuration.limits.messageBytes = settings.maxMessageBytes
        configuration.limits.bodyBytes = settings.maxMessageBytes
        // What a client may send has to fit when it is sent back.
        configuration.limits.unsentBytes = max(configuration.limits.unsentBytes, 4 * settings.maxMessageBytes)
        Self.limit(&configuration, by: settings)
        if settings.testMode {
            configuration.testMode = TestMode(misbehaviour: settings.mutant)
        }
        return configuration
    }
}
