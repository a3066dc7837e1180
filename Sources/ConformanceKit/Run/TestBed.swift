/// One server under test with what belongs to it.
package final class TestBed: Sendable {
    /// The server as the player sees it.
    package let target: Target
    /// The server's process; `nil` if somebody else started it.
    package let server: ServerProcess?
    private let redis: RedisProcess?

    private init(target: Target, server: ServerProcess?, redis: RedisProcess?) {
        self.target = target
        self.server = server
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
        guard case .command(let command) = profile.start, attach == nil else {
            guard mutant == nil else {
                throw HarnessError("A server that already runs cannot be given a known fault.")
            }
            let facts = ServerProcess.Facts(
                environment: setting.environment, redis: given, secret: setting.secret, gqlconform: setting.gqlconform)
            let override = attach.flatMap { $0.isEmpty ? nil : $0 }
            let endpoints = try self.endpoints(profile, facts.placeholders(port: nil), override: override)
            return TestBed(
                target: self.target(profile, endpoints: endpoints, redis: given), server: nil, redis: nil)
        }
        var redis: RedisProcess?
        if profile.needsOwnRedis {
            redis = try await RedisProcess.start(
                environment: setting.environment, logPath: prefix.map { "\($0)redis\(suffix).log" },
                guardExecutable: setting.gqlconform)
        }
        let address = redis.map { Target.RedisAddress(host: "127.0.0.1", port: $0.port) } ?? given
        let facts = ServerProcess.Facts(
            environment: setting.environment, redis: address, secret: setting.secret, gqlconform: setting.gqlconform,
            mutant: mutant, logPath: prefix.map { "\($0)server\(suffix).log" })
        do {
            let server = try await ServerProcess.start(command, name: profile.name, facts: facts, http: http)
            let endpoints = try self.endpoints(profile, facts.placeholders(port: server.port), override: nil)
            return TestBed(
                target: self.target(profile, endpoints: endpoints, redis: address), server: server, redis: redis)
        } catch {
            await redis?.stop()
            throw error
        }
    }

    /// Stops the server, then its Redis.
    package func stop() async {
        await self.server?.stop()
        await self.redis?.stop()
    }

    /// Why the server can no longer be judged; `nil` while it runs.
    package func loss(name: String) -> HarnessError? {
        if let server = self.server, let exit = server.process.exit {
            return HarnessError("\(name) \(exit) during the run.", logTail: server.process.log.tail())
        }
        if let redis = self.redis, let exit = redis.process.exit {
            return HarnessError("redis-server \(exit) during the run.", logTail: redis.process.log.tail())
        }
        return nil
    }

    private static func target(
        _ profile: Profile, endpoints: [String: Target.Endpoint], redis: Target.RedisAddress?
    ) -> Target {
        var emit = profile.emit
        // A mutation over HTTP goes to the endpoint itself.
        if case .http("", let body) = emit { emit = .http(path: endpoints["http"]?.path ?? "/graphql", body: body) }
        return Target(
            name: profile.name, endpoints: endpoints, features: profile.features, profile: profile.value,
            stream: profile.stream, emit: emit, redis: redis, timing: profile.timing)
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
