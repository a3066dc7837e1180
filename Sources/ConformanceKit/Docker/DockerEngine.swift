/// Talks to a container engine through the HTTP API on its unix socket (Docker Engine API; Podman serves the same).
///
/// The API and not the `docker` command: its answers are status codes and JSON instead of sentences that differ between
/// versions, a stopped engine can be told from a missing container, nothing but a socket has to be mounted where the
/// runner is a container itself, and libcurl, which speaks HTTP for the runner anyway, takes a unix socket as well.
package struct DockerEngine: Sendable {
    /// Why the engine did not do what it was asked for.
    package struct Failure: Error, Sendable, Equatable {
        /// One sentence.
        package var message: String
        /// The status of the answer; `nil` if there was none.
        package var status: Int?
    }

    /// The path of the socket.
    package let socket: String
    private let http: HTTPClient
    private let timeout: Duration

    /// - Parameters:
    ///   - environment: Where `DOCKER_HOST` is looked for; a `unix://` URL in it names the socket.
    ///   - timeout: The longest time for one request; stopping a container may take its grace.
    package init(environment: [String: String], http: HTTPClient, timeout: Duration = .seconds(20)) {
        self.init(socket: Self.socket(environment), http: http, timeout: timeout)
    }

    /// An engine at a socket.
    package init(socket: String, http: HTTPClient, timeout: Duration = .seconds(20)) {
        self.socket = socket
        self.http = http
        self.timeout = timeout
    }

    static func socket(_ environment: [String: String]) -> String {
        let host = environment["DOCKER_HOST"] ?? ""
        return host.hasPrefix("unix://") ? String(host.dropFirst("unix://".count)) : "/var/run/docker.sock"
    }

    // MARK: Questions

    /// Fails with a sentence that says what to do if nobody answers.
    package func ping() async throws(Failure) {
        _ = try await self.ask("GET", "/_ping", good: [200])
    }

    /// A container by its name or id.
    package func container(_ name: String) async throws(Failure) -> ContainerFacts {
        let body = try await self.ask("GET", "/containers/\(Self.part(name))/json", good: [200])
        guard let facts = ContainerFacts(body) else {
            throw Failure(message: "the engine's description of the container \(name) cannot be read", status: 200)
        }
        return facts
    }

    /// The ids of the containers, running or not, that have all of these labels.
    package func containers(labels: [String]) async throws(Failure) -> [String] {
        let filter = JSON.object([.init("label", .array(labels.map { .string($0) }))])
        let body = try await self.ask(
            "GET", "/containers/json?all=true&filters=\(Self.part(filter.text))", good: [200])
        guard let items = body.arrayValue else {
            throw Failure(message: "the engine's list of containers cannot be read", status: 200)
        }
        return items.compactMap { $0["Id"]?.stringValue }
    }

    // MARK: Deeds

    /// SIGKILL, as a crash would.
    package func kill(_ name: String) async throws(Failure) {
        try await self.act(name, "kill?signal=SIGKILL")
    }

    /// Starts a container that is not running; one that runs is left as it is.
    package func start(_ name: String) async throws(Failure) {
        try await self.act(name, "start", good: [204, 304])
    }

    /// SIGTERM (or what its image asks for), after the grace SIGKILL, and a start.
    ///
    /// - Parameter grace: Seconds.
    package func restart(_ name: String, grace: Int) async throws(Failure) {
        try await self.act(name, "restart?t=\(grace)")
    }

    /// Freezes every process of the container where it stands.
    package func pause(_ name: String) async throws(Failure) { try await self.act(name, "pause") }

    /// Lets them go on.
    package func unpause(_ name: String) async throws(Failure) { try await self.act(name, "unpause") }

    /// Takes the container off a network: its address is gone, and nothing that was under way arrives.
    package func disconnect(_ name: String, from network: String) async throws(Failure) {
        let body = JSON.object([.init("Container", .string(name)), .init("Force", .bool(true))])
        _ = try await self.ask("POST", "/networks/\(Self.part(network))/disconnect", body, good: [200])
    }

    /// Puts the container on a network, under these names and, if given, at the address that it had.
    package func connect(
        _ name: String, to network: String, aliases: [String] = [], address: String? = nil
    ) async throws(Failure) {
        var endpoint: [JSON.Member] = [.init("Aliases", .array(aliases.map { .string($0) }))]
        if let address {
            endpoint.append(.init("IPAMConfig", .object([.init("IPv4Address", .string(address))])))
        }
        let body = JSON.object([.init("Container", .string(name)), .init("EndpointConfig", .object(endpoint))])
        _ = try await self.ask("POST", "/networks/\(Self.part(network))/connect", body, good: [200])
    }

    /// What the container takes of memory now, in bytes.
    package func memory(of name: String) async throws(Failure) -> Int {
        let body = try await self.ask(
            "GET", "/containers/\(Self.part(name))/stats?stream=false&one-shot=true", good: [200])
        guard let bytes = body.at("memory_stats.usage")?.intValue else {
            throw Failure(message: "the engine does not say what \(name) takes of memory", status: 200)
        }
        return bytes
    }

    /// Sets the most that the container may take of memory, with swap, in bytes.
    package func limitMemory(of name: String, to bytes: Int, withSwap: Int) async throws(Failure) {
        let body = JSON.object([.init("Memory", .int(bytes)), .init("MemorySwap", .int(withSwap))])
        _ = try await self.ask("POST", "/containers/\(Self.part(name))/update", body, good: [200])
    }

    /// Asks the first process to end, and does not wait.
    package func stop(_ name: String) async throws(Failure) {
        try await self.act(name, "kill?signal=SIGTERM")
    }

    /// Returns when the container does not run.
    package func wait(_ name: String) async throws(Failure) -> Int {
        let body = try await self.ask("POST", "/containers/\(Self.part(name))/wait?condition=not-running", good: [200])
        return body["StatusCode"]?.intValue ?? -1
    }

    /// Runs a shell's script in a container of its own that shares the network of another one and may change it, and
    /// takes it away again.
    ///
    /// - Returns: The exit code.
    package func run(_ script: String, image: String, inNetworkOf name: String) async throws(Failure) -> Int {
        let body = JSON.object([
            .init("Image", .string(image)), .init("User", .string("0:0")),
            .init("Entrypoint", .array(["sh", "-c", script].map { .string($0) })), .init("Cmd", .array([])),
            .init("Healthcheck", .object([.init("Test", .array([.string("NONE")]))])),
            .init(
                "HostConfig",
                .object([
                    .init("NetworkMode", .string("container:\(name)")), .init("CapDrop", .array([.string("ALL")])),
                    .init("CapAdd", .array([.string("NET_ADMIN")])), .init("ReadonlyRootfs", .bool(true)),
                ])),
        ])
        let made = try await self.ask("POST", "/containers/create", body, good: [201])
        guard let id = made["Id"]?.stringValue else {
            throw Failure(message: "the engine made a container without an id", status: 201)
        }
        do throws(Failure) {
            try await self.start(id)
            let code = try await self.wait(id)
            try await self.remove(id)
            return code
        } catch {
            try? await self.remove(id)
            throw error
        }
    }

    private func remove(_ name: String) async throws(Failure) {
        _ = try await self.ask("DELETE", "/containers/\(Self.part(name))?force=true", good: [204])
    }

    // MARK: The wire

    private func act(_ name: String, _ verb: String, good: Set<Int> = [204]) async throws(Failure) {
        _ = try await self.ask("POST", "/containers/\(Self.part(name))/\(verb)", good: good)
    }

    /// - Returns: The body as JSON; `null` for one that is none, such as the `OK` of a ping.
    private func ask(
        _ method: String, _ path: String, _ body: JSON? = nil, good: Set<Int>
    ) async throws(Failure) -> JSON {
        // The name of the host means nothing on a unix socket. Without a version in the path the engine speaks its own
        // newest one; what is used here has been the same in all of them.
        var request = HTTPRequest(method: method, url: "http://engine\(path)", timeout: self.timeout)
        request.unixSocket = self.socket
        if let body {
            request.headers = [.init(name: "Content-Type", value: "application/json")]
            request.body = Array(body.text.utf8)
        } else if method == "POST" {
            request.body = []
        }
        let response: HTTPResponse
        do {
            response = try await self.http.send(request)
        } catch {
            let why =
                error.kind == .cannotConnect
                ? "no container engine answers at \(self.socket): is it running, and may this user use it?"
                : "the container engine at \(self.socket): \(error.message)"
            throw Failure(message: why, status: nil)
        }
        let answer = try? JSONParser.parse(response.body)
        guard good.contains(response.status) else {
            let said = answer?["message"]?.stringValue ?? "status \(response.status)"
            throw Failure(message: "the container engine refused: \(said)", status: response.status)
        }
        return answer ?? .null
    }

    /// A text as one part of a URL (RFC 3986 §2.3).
    private static func part(_ text: String) -> String { StreamLink.encoded(text) }
}
