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

    private init(target: Target, servers: [ServerProcess], redis: RedisProcess?, proxy: FaultProxy? = nil) {
        self.proxy = proxy
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
        let given = profile.redisURL.flatMap { Target.RedisAddress(url: $0) }
        let suffix = mutant.map { "-\($0)" } ?? ""
        let prefix = setting.logDirectory.map { $0 + "/" }
        if case .compose(let compose) = profile.start, attach == nil {
            throw HarnessError(
                "This runner starts no containers. Start them with `docker compose -f \(compose.file) up --wait`, "
                    + "then run again with --url and the address of \(compose.service).")
        }
        guard case .command(let command) = profile.start, attach == nil else {
            guard mutant == nil else {
                throw HarnessError("A server that already runs cannot be given a known fault.")
            }
            let facts = ServerProcess.Facts(
                environment: setting.environment, redis: given, secret: setting.secret, gqlconform: setting.gqlconform)
            let override = attach.flatMap { $0.isEmpty ? nil : $0 }
            let endpoints = try self.endpoints(profile, facts.placeholders(port: nil), override: override)
            return TestBed(
                target: self.target(profile, replicas: [endpoints], redis: given), servers: [], redis: nil)
        }
        var redis: RedisProcess?
        if profile.needsOwnRedis {
            redis = try await RedisProcess.start(
                environment: setting.environment, logPath: prefix.map { "\($0)redis\(suffix).log" },
                guardExecutable: setting.gqlconform)
        }
        let address = redis.map { Target.RedisAddress(host: "127.0.0.1", port: $0.port) } ?? given
        let proxy = await Self.proxy(before: redis)
        let way = proxy.map { Target.RedisAddress(host: "127.0.0.1", port: $0.port) } ?? address
        var servers: [ServerProcess] = []
        do {
            var replicas: [[String: Target.Endpoint]] = []
            for number in 1...command.replicas {
                let name = command.replicas == 1 ? "server\(suffix)" : "server\(suffix)-\(number)"
                let facts = ServerProcess.Facts(
                    environment: setting.environment, redis: way, secret: setting.secret,
                    gqlconform: setting.gqlconform, mutant: mutant, logPath: prefix.map { "\($0)\(name).log" })
                let server = try await ServerProcess.start(command, name: profile.name, facts: facts, http: http)
                servers.append(server)
                replicas.append(try self.endpoints(profile, facts.placeholders(port: server.port), override: nil))
            }
            var target = self.target(profile, replicas: replicas, redis: address)
            target.secret = setting.secret
            target.control = RunControl(
                redis: redis.map { .init($0) }, redisProxy: proxy,
                server: servers.count == 1 ? servers.first.map { .init($0) } : nil)
            return TestBed(target: target, servers: servers, redis: redis, proxy: proxy)
        } catch {
            for server in servers { await server.stop() }
            await proxy?.stop()
            await redis?.stop()
            throw error
        }
    }

    /// Stops the servers, then their Redis.
    package func stop() async {
        for server in self.servers { await server.stop() }
        await self.proxy?.stop()
        await self.redis?.stop()
    }

    /// Why the server can no longer be judged; `nil` while it runs.
    package func loss(name: String) -> HarnessError? {
        for server in self.servers {
            guard let exit = server.process.exit else { continue }
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
