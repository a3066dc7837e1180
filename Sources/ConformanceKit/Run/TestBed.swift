import NIOPosix

/// One server under test with what belongs to it.
package final class TestBed: Sendable {
    /// The server as the player sees it.
    package let target: Target
    /// The processes of the server, one for each replica; empty if somebody else started it.
    package let servers: [ServerProcess]
    private let redis: RedisProcess?
    /// Stands between the servers and their Redis, so that a case can harm what passes.
    private let proxy: FaultProxy?
    /// Passes the runner's own questions on to a Redis that speaks TLS.
    private let tunnel: FaultProxy?
    private let services: ComposeServices?
    /// On the way of clients to the server.
    private let slowLinks: SlowLinks?
    /// Talks to the engine of containers as long as the bed stands.
    private let engineHTTP: HTTPClient?

    private init(
        target: Target, servers: [ServerProcess], redis: RedisProcess?, proxy: FaultProxy? = nil,
        tunnel: FaultProxy? = nil, services: ComposeServices? = nil, slowLinks: SlowLinks? = nil,
        engineHTTP: HTTPClient? = nil
    ) {
        self.slowLinks = slowLinks
        self.proxy = proxy
        self.tunnel = tunnel
        self.services = services
        self.engineHTTP = engineHTTP
        self.target = target
        self.servers = servers
        self.redis = redis
    }

    /// Where a bed comes from and where it leaves its traces.
    package struct Setting: Sendable {
        /// The environment of the runner.
        package var environment: [String: String]
        /// The path of `gqlconform`.
        package var gqlconform: String
        /// The directory for the logs of the processes; `nil` keeps their last lines only.
        package var logDirectory: String?
        /// The secret of the run for signing tokens.
        package var secret: String
        /// By what means faults are brought about; `nil` for what fits the profile's `start`.
        package var backend: Backend?
        /// Nanoseconds that every byte between clients and the server waits in each direction; 0 for the plain way.
        package var linkLatency: UInt64 = 0
        /// Told what is waited for, where that takes longer than usual; a line at a time, from any thread.
        package var note: @Sendable (String) -> Void = { _ in }

        /// A setting.
        package init(environment: [String: String], gqlconform: String, logDirectory: String?, secret: String) {
            self.environment = environment
            self.gqlconform = gqlconform
            self.logDirectory = logDirectory
            self.secret = secret
        }
    }

    /// Starts what the profile asks for: a Redis if the server needs one, and the server.
    ///
    /// - Parameters:
    ///   - mutant: The known fault of the server, `nil` for none.
    ///   - attach: Judge a server that already runs: `""` for the URLs of the profile, or the URL that replaces them.
    ///   - http: Used to see whether the server is ready.
    package static func start(
        _ profile: Profile, setting: Setting, mutant: String? = nil, attach: String? = nil, http: HTTPClient
    ) async throws(HarnessError) -> TestBed {
        let backend = setting.backend ?? (attach == nil ? Backend(for: profile.start) : .external)
        let given = profile.redisURL.flatMap { Target.RedisAddress(url: $0) }
        let (own, tunnel) = try await self.plain(given, profile)
        let suffix = mutant.map { "-\($0)" } ?? ""
        let prefix = setting.logDirectory.map { $0 + "/" }
        guard case .command(let command) = profile.start, attach == nil, backend == .process else {
            guard mutant == nil else {
                throw HarnessError("A server that already runs cannot be given a known fault.")
            }
            return try await self.foreign(profile, backend, attach, setting: setting, redis: given, own, tunnel)
        }
        var redis: RedisProcess?
        if profile.needsOwnRedis {
            redis = try await RedisProcess.start(
                environment: setting.environment, logPath: prefix.map { "\($0)redis\(suffix).log" },
                guardExecutable: setting.gqlconform)
        }
        let address = redis.map { Target.RedisAddress(host: "127.0.0.1", port: $0.port) } ?? own
        let proxy = await Self.proxy(before: redis)
        let way = proxy.map { Target.RedisAddress(host: "127.0.0.1", port: $0.port) } ?? given
        var servers: [ServerProcess] = []
        var slowLinks: SlowLinks?
        do {
            var replicas: [[String: Target.Endpoint]] = []
            for number in 1...command.replicas {
                let name = command.replicas == 1 ? "server\(suffix)" : "server\(suffix)-\(number)"
                var facts = ServerProcess.Facts(
                    environment: setting.environment, redis: way, secret: setting.secret,
                    gqlconform: setting.gqlconform, mutant: mutant, logPath: prefix.map { "\($0)\(name).log" })
                facts.note = setting.note
                let server = try await ServerProcess.start(command, name: profile.name, facts: facts, http: http)
                servers.append(server)
                replicas.append(try self.endpoints(profile, facts.placeholders(port: server.port), override: nil))
            }
            let direct = replicas
            slowLinks = try await self.slow(&replicas, by: setting.linkLatency)
            var target = self.target(profile, replicas: replicas, redis: address)
            target.secret = setting.secret
            target.placeholders = ServerProcess.Facts(
                environment: setting.environment, redis: address, secret: setting.secret,
                gqlconform: setting.gqlconform
            ).placeholders(port: servers.first?.port)
            target.control = RunControl(
                redis: redis.map { .init($0) }, redisProxy: proxy,
                server: servers.count == 1 ? servers.first.map { .init($0) } : nil)
            target.control.serverAddress = direct.first?.values.first.map { ($0.host, $0.port) }
            return TestBed(
                target: target, servers: servers, redis: redis, proxy: proxy, tunnel: tunnel, slowLinks: slowLinks)
        } catch {
            await slowLinks?.stop()
            for server in servers { await server.stop() }
            await proxy?.stop()
            await tunnel?.stop()
            await redis?.stop()
            throw error
        }
    }

    /// Stops the servers, then their Redis.
    package func stop() async {
        await self.slowLinks?.stop()
        for server in self.servers { await server.stop() }
        await self.proxy?.stop()
        await self.tunnel?.stop()
        await self.redis?.stop()
        await self.services?.down()
        await self.engineHTTP?.shutdown()
    }

    /// A server that the run does not start as a process: one that runs already, or one in containers.
    private static func foreign(
        _ profile: Profile, _ backend: Backend, _ attach: String?, setting: Setting,
        redis given: Target.RedisAddress?, _ own: Target.RedisAddress?, _ tunnel: FaultProxy?
    ) async throws(HarnessError) -> TestBed {
        let http = HTTPClient(threads: 2)
        do throws(HarnessError) {
            let vessels = try await self.vessels(profile, backend, attach, setting: setting, http: http)
            let facts = ServerProcess.Facts(
                environment: setting.environment, redis: vessels?.redisAddress ?? given, secret: setting.secret,
                gqlconform: setting.gqlconform)
            let override = attach.flatMap { $0.isEmpty ? nil : $0 }
            let endpoints = try self.endpoints(profile, facts.placeholders(port: vessels?.port), override: override)
            var replicas = [endpoints]
            let slowLinks = try await self.slow(&replicas, by: setting.linkLatency)
            var target = self.target(profile, replicas: replicas, redis: own ?? vessels?.redisAddress)
            target.secret = setting.secret
            target.placeholders = facts.placeholders(port: vessels?.port)
            target.control = RunControl(
                redis: vessels?.redis.map { .init($0, port: 6379) },
                server: vessels.map { .init($0.server, port: $0.innerPort) })
            target.control.serverAddress = endpoints.values.first.map { ($0.host, $0.port) }
            return TestBed(
                target: target, servers: [], redis: nil, tunnel: tunnel, services: vessels?.services,
                slowLinks: slowLinks, engineHTTP: http)
        } catch {
            await tunnel?.stop()
            await http.shutdown()
            throw error
        }
    }

    /// Leads every endpoint over a slow link if there is to be any latency; gives what has to be stopped.
    private static func slow(
        _ replicas: inout [[String: Target.Endpoint]], by latency: UInt64
    ) async throws(HarnessError) -> SlowLinks? {
        guard latency > 0 else { return nil }
        var links = SlowLinks(latency: latency)
        for index in replicas.indices {
            for (transport, endpoint) in replicas[index] {
                do {
                    replicas[index][transport] = try await links.lead(to: endpoint)
                } catch {
                    await links.stop()
                    throw error
                }
            }
        }
        return links
    }

    /// The containers that may be harmed; `nil` where the backend harms none.
    private static func vessels(
        _ profile: Profile, _ backend: Backend, _ attach: String?, setting: Setting, http: HTTPClient
    ) async throws(HarnessError) -> Vessels? {
        switch (backend, profile.start) {
        case (.docker, .compose(let compose)) where attach == nil:
            return try await self.compose(compose, of: profile, setting: setting, http: http)
        case (.docker, .containers(let containers)):
            return try await self.given(containers, setting: setting, http: http)
        case (.docker, _):
            throw HarnessError("--backend docker needs start.compose or start.containers in the profile.")
        case (.process, _):
            throw HarnessError("--backend process needs start.command in the profile.")
        case (.external, .compose(let compose)) where attach == nil:
            throw HarnessError(
                "--backend external starts nothing: start the services of \(compose.file) yourself and give --url.")
        case (.external, _): return nil
        }
    }

    /// A Redis with TLS as the runner's own questions reach it: through a proxy on this host that speaks TLS for them.
    private static func plain(
        _ given: Target.RedisAddress?, _ profile: Profile
    ) async throws(HarnessError) -> (Target.RedisAddress?, FaultProxy?) {
        guard var address = given, address.isSecure else { return (given, nil) }
        do {
            let tunnel = try await FaultProxy.start(
                host: address.host, port: address.port, tls: profile.declared.tls,
                group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
            let isAnswered: Bool
            do {
                isAnswered = try await FirstContact.isAnswered(
                    Array("PING\r\n".utf8), at: address.host, address.port, tls: profile.declared.tls,
                    patience: .seconds(8))
            } catch {
                await tunnel.stop()
                throw error
            }
            guard isAnswered else {
                await tunnel.stop()
                throw HarnessError(
                    "The Redis of the profile does not answer: \(address.host):\(address.port) takes connections, and PING with TLS got no answer within 8 s."
                )
            }
            address.host = "127.0.0.1"
            address.port = tunnel.port
            address.isSecure = false
            return (address, tunnel)
        } catch let error as HarnessError {
            throw error
        } catch {
            throw HarnessError(
                "The Redis of the profile cannot be reached at \(address.host):\(address.port) with TLS: \(FirstContact.brief("\(error)"))."
            )
        }
    }

    /// Why the server can no longer be judged; `nil` while it runs.
    package func loss(name: String) -> HarnessError? {
        for server in self.servers {
            guard !server.isDown, let exit = server.process.exit else { continue }
            return HarnessError("\(name) \(exit) during the run.", logTail: server.process.log.tail())
        }
        if let redis = self.redis, !redis.isDown, let exit = redis.process.exit {
            return HarnessError("redis-server \(exit) during the run.", logTail: redis.process.log.tail())
        }
        return nil
    }

    /// On a thread of its own: cases that keep the runner busy must not slow the server's Redis down.
    private static func proxy(before redis: RedisProcess?) async -> FaultProxy? {
        guard let redis else { return nil }
        return try? await FaultProxy.start(
            host: "127.0.0.1", port: redis.port, group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
    }

    private static func target(
        _ profile: Profile, replicas: [[String: Target.Endpoint]], redis: Target.RedisAddress?
    ) -> Target {
        let endpoints = replicas.first ?? [:]
        var emit = profile.emit
        // A mutation over HTTP goes to the endpoint itself.
        if case .http("", let body) = emit { emit = .http(path: endpoints["http"]?.path ?? "/graphql", body: body) }
        var target = Target(
            name: profile.name, endpoints: endpoints, features: profile.features, profile: profile.value,
            stream: profile.stream, emit: emit, redis: redis, timing: profile.timing)
        target.declared = profile.declared
        target.replicas = replicas
        return target
    }

    private static func endpoints(
        _ profile: Profile, _ values: [String: String], override: String?
    ) throws(HarnessError) -> [String: Target.Endpoint] {
        var endpoints: [String: Target.Endpoint] = [:]
        for endpoint in profile.endpoints {
            let url = Placeholders.fill(endpoint.url, values)
            if let override {
                endpoints[endpoint.transport] = try self.replaced(endpoint, by: override)
            } else if Placeholders.names(in: url).contains("port") {
                throw HarnessError(
                    "\(profile.file):\(endpoint.line): the port of a server that already runs is not known: "
                        + "write it into the URL, or give the URL to --attach.")
            } else {
                endpoints[endpoint.transport] = Target.Endpoint(url: url)
            }
            endpoints[endpoint.transport]?.mode = endpoint.mode
        }
        return endpoints
    }

    /// The endpoint at another host and port; its path is kept if the new URL has none.
    private static func replaced(
        _ endpoint: Profile.Endpoint, by url: String
    ) throws(HarnessError) -> Target.Endpoint {
        let pathOfProfile = Target.Endpoint(url: Placeholders.fill(endpoint.url, ["port": "80"]))?.path
        guard var replacement = Target.Endpoint(url: url) else {
            throw HarnessError("\(url) is no URL: it has to look like ws://127.0.0.1:4000/graphql.")
        }
        if let pathOfProfile, replacement.path == "/" || endpoint.transport != "transport-ws" {
            replacement.path = pathOfProfile
        }
        return replacement
    }
}
