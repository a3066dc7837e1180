import NIOCore
import NIOPosix

extension TestBed {
    /// The containers of a run, and where they are reached.
    struct Vessels: Sendable {
        var server: DockerContainer
        /// Where the server's port is; `nil` if the profile's URLs say it.
        var port: Int?
        /// Where the server listens inside; `nil` if that is not known.
        var innerPort: Int?
        var redis: DockerContainer?
        var redisAddress: Target.RedisAddress?
        /// Ends what the run started; `nil` if somebody else did.
        var services: ComposeServices?
    }

    /// Starts the services of a compose file and waits until the server is ready.
    static func compose(
        _ compose: Profile.Compose, of profile: Profile, setting: Setting, http: HTTPClient
    ) async throws(HarnessError) -> Vessels {
        let folder = profile.file.lastIndex(of: "/").map { String(profile.file[...$0]) } ?? ""
        let file = compose.file.hasPrefix("/") ? compose.file : folder + compose.file
        let engine = DockerEngine(environment: setting.environment, http: http)
        try await self.answers(engine)
        let services = try await ComposeServices.up(file: file, setting: setting)
        do throws(HarnessError) {
            let server = try await services.container(of: compose.service, engine: engine, tools: compose.tools)
            guard let place = await server.facts()?.address(ofPort: compose.port) else {
                throw HarnessError("Port \(compose.port) of \(compose.service) cannot be reached from here.")
            }
            guard place.host == "127.0.0.1" else {
                throw HarnessError(
                    "\(file) publishes port \(compose.port) of \(compose.service) on no fixed port of this host: "
                        + "ports: [\"4000:\(compose.port)\"]")
            }
            var vessels = Vessels(
                server: server, port: place.port, innerPort: compose.port, services: services)
            if let name = compose.redis {
                vessels.redis = try await services.container(of: name, engine: engine, tools: compose.tools)
                vessels.redisAddress = await self.redisAddress(vessels.redis)
            }
            guard await self.isReady(compose, port: place.port, http: http) else {
                throw HarnessError(
                    "\(compose.service) was not ready within \(compose.within.inSeconds) s; its output is in compose.log."
                )
            }
            return vessels
        } catch {
            await services.down()
            throw error
        }
    }

    /// Containers that run already.
    static func given(
        _ containers: Profile.Containers, setting: Setting, http: HTTPClient
    ) async throws(HarnessError) -> Vessels {
        let engine = DockerEngine(environment: setting.environment, http: http)
        try await self.answers(engine)
        var vessels = Vessels(server: DockerContainer(containers.server, engine: engine, tools: containers.tools))
        guard await vessels.server.facts() != nil else {
            throw HarnessError("There is no container \(containers.server).")
        }
        if let name = containers.redis {
            let redis = DockerContainer(name, engine: engine, tools: containers.tools)
            guard await redis.facts() != nil else { throw HarnessError("There is no container \(name).") }
            vessels.redis = redis
            vessels.redisAddress = await self.redisAddress(redis)
        }
        return vessels
    }

    private static func answers(_ engine: DockerEngine) async throws(HarnessError) {
        do {
            try await engine.ping()
        } catch {
            throw HarnessError(error.message + ".")
        }
    }

    private static func redisAddress(_ container: DockerContainer?) async -> Target.RedisAddress? {
        await container?.facts()?.address(ofPort: 6379).map { Target.RedisAddress(host: $0.host, port: $0.port) }
    }

    private static func isReady(_ compose: Profile.Compose, port: Int, http: HTTPClient) async -> Bool {
        let deadline = ContinuousClock.now + compose.within
        while ContinuousClock.now < deadline, !Task.isCancelled {
            if case .http(let path, let status) = compose.ready {
                let url = path.hasPrefix("/") ? "http://127.0.0.1:\(port)\(path)" : path
                let answer = try? await http.send(HTTPRequest(url: url, timeout: .seconds(1)))
                if answer?.status == status { return true }
            } else if case .answered = await Canary.http(host: "127.0.0.1", port: port).look(patience: 1_000_000_000) {
                // The engine's own proxy accepts before the server does; only an answer shows that somebody is there.
                return true
            }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return false
    }
}
