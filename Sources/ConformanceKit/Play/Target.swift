/// The server under test as the player needs to know it; the profile makes one.
package struct Target: Sendable {
    package var name: String
    /// By transport: `transport-ws`, `legacy-ws`, `sse`, `http`.
    package var endpoints: [String: Endpoint]
    /// Declared features; a feature that is missing is unknown and counts as absent for `requires`.
    package var features: [String: Bool]
    /// The whole profile; `{{profile.a.b}}` reads it.
    package var profile: JSON
    /// The subscription that `subscribe` uses.
    package var stream: StreamTemplate?
    /// How `emit` makes an event happen.
    package var emit: EmitTemplate?
    package var redis: RedisAddress?
    package var timing: Timing
    /// What else the profile promises.
    package var declared = Profile.Declared()
    /// The endpoints of every server that runs side by side; the first are `endpoints`. One or none unless replicas run.
    package var replicas: [[String: Endpoint]] = []
    /// Called before every step of the outermost list with the step's number (from 1) and place; the step waits for it.
    package var beforeStep: (@Sendable (ExpandedCase, Int, String) async -> Void)?
    /// What a case may keep of what the server sends, in bytes of memory; nil for 128 MiB.
    package var mostReceived: Int?
    /// What the run can do to the things around the server.
    package var control = RunControl()
    /// The secret of the run for signing tokens.
    package var secret: String?
    /// What the placeholders of the profile's `start` stand for, for commands of the profile.
    package var placeholders: [String: String] = [:]
    /// Shared by all cases that are played against this server.
    package var locks: ExclusiveLocks

    package init(
        name: String, endpoints: [String: Endpoint], features: [String: Bool] = [:], profile: JSON = .object([]),
        stream: StreamTemplate? = nil, emit: EmitTemplate? = nil, redis: RedisAddress? = nil,
        timing: Timing = Timing(), locks: ExclusiveLocks = ExclusiveLocks()
    ) {
        self.name = name
        self.endpoints = endpoints
        self.features = features
        self.profile = profile
        self.stream = stream
        self.emit = emit
        self.redis = redis
        self.timing = timing
        self.locks = locks
    }

    /// Where a transport is served.
    package struct Endpoint: Sendable, Equatable {
        /// A name or an address.
        package var host: String
        package var port: Int
        /// Path and query.
        package var path: String
        /// Whether TLS is spoken.
        package var isSecure: Bool
        /// How an `sse` endpoint is used.
        package var mode = Profile.Endpoint.Mode.distinct

        package init(host: String, port: Int, path: String, isSecure: Bool = false) {
            self.host = host
            self.port = port
            self.path = path
            self.isSecure = isSecure
        }

        /// `host:port`, an IPv6 address in brackets.
        package var authority: String {
            self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
        }

        /// The URL of a path on this host.
        package func url(path: String? = nil) -> String {
            "\(self.isSecure ? "https" : "http")://\(self.authority)\(path ?? self.path)"
        }
    }

    package struct RedisAddress: Sendable, Equatable {
        package var host: String
        package var port: Int
        package var database: Int
        /// `nil` for the default user.
        package var user: String?
        /// `nil` if Redis asks for none.
        package var password: String?
        /// Whether TLS is spoken.
        package var isSecure = false

        package init(host: String, port: Int, database: Int = 0) {
            self.host = host
            self.port = port
            self.database = database
        }
    }

    /// A subscription with one variable part.
    package struct StreamTemplate: Sendable, Equatable {
        /// The name of the variable that names a tenant; `nil` if a client cannot name one.
        package var tenantVariable: String?
        package var document: String
        /// `{{topic}}` in a string stands for the topic.
        package var variables: JSON
        /// Where the nonce comes back, as a dotted path inside `next.payload`: `data.topic`.
        package var noncePath: String

        package init(document: String, variables: JSON, noncePath: String) {
            self.document = document
            self.variables = variables
            self.noncePath = noncePath
        }
    }

    /// `{{topic}}` and `{{nonce}}` in any string stand for the topic and the nonce.
    package enum EmitTemplate: Sendable, Equatable {
        /// A mutation over the transport's socket, on a connection of the runner's own.
        case mutation(document: String, variables: JSON)
        /// A message published on a channel of Redis.
        case redis(channel: String, message: String)
        /// A POST of JSON to the `http` endpoint's host, on this path.
        case http(path: String, body: JSON)
    }

    /// Nanoseconds.
    package struct Timing: Sendable, Equatable {
        /// For an answer that has to come at once.
        package var reply: UInt64 = 2_000_000_000
        /// For an event to reach a subscriber.
        package var delivery: UInt64 = 2_000_000_000
        /// For a resource to be released.
        package var cleanup: UInt64 = 5_000_000_000
        /// The shortest time after which silence counts.
        package var settle: UInt64 = 250_000_000
        /// For full service after an outage has ended.
        package var recovery: UInt64 = 10_000_000_000
        /// Between two signs of life of the server; `nil` if it sends none.
        package var keepalive: UInt64?
        /// For noticing that a client is gone without a word; `nil` if the server never does.
        package var deadPeer: UInt64?

        package init() {}
    }

    /// What no client may be told: where Redis is, by the server's way and by ours.
    var redisSecrets: [(name: String, secret: String)] {
        var secrets: [(name: String, secret: String)] = []
        if let redis = self.redis {
            secrets.append(("redis.address", "\(redis.host):\(redis.port)"))
        }
        if let proxy = self.control.redisProxy { secrets.append(("redis.address", "127.0.0.1:\(proxy.port)")) }
        return secrets
    }

    /// What a case needs and the server does not declare: names of features, or `profile.a.b`. Empty if it can run.
    package func missing(for scenario: Scenario) -> [String] {
        scenario.requires.filter { !self.has($0) }
    }

    /// The same for one cell: where an axis is called `transport`, its value is needed as well.
    package func missing(for expanded: ExpandedCase) -> [String] {
        let axis = expanded.values.first { $0.name == "transport" }?.value.stringValue
        let transports = axis.map { ["transport.\($0)"] } ?? []
        let known = transports.filter { Self.transports.contains($0) && !self.has($0) }
        return self.missing(for: expanded.scenario) + known.filter { !expanded.scenario.requires.contains($0) }
    }

    private static let transports: Set = [
        "transport.transport-ws", "transport.legacy-ws", "transport.sse", "transport.sse-single", "transport.http",
    ]

    /// Whether a feature is declared present, or a `profile.a.b` has a value other than null and false.
    package func has(_ requirement: String) -> Bool {
        if requirement.hasPrefix("profile.") {
            switch self.profile.at(String(requirement.dropFirst("profile.".count))) {
            case nil, .null, .bool(false): return false
            default: return true
            }
        }
        if let declared = self.features[requirement] { return declared }
        if requirement == "transport.sse" { return self.endpoints["sse"].map { $0.mode != .single } ?? false }
        if requirement == "transport.sse-single" {
            return self.features["sse.single"] ?? self.endpoints["sse"].map { $0.mode != .distinct } ?? false
        }
        if requirement.hasPrefix("transport.") {
            return self.endpoints[String(requirement.dropFirst("transport.".count))] != nil
        }
        switch requirement {
        case "stream": return self.stream != nil
        case "emit": return self.emit != nil
        case "redis": return self.redis != nil
        case "replicas": return self.replicas.count > 1
        case "server": return self.control.server != nil
        case "auth": return self.declared.auth != nil
        case "tenancy": return self.declared.tenancy != nil
        default: return false
        }
    }
}

extension Target.Endpoint {
    /// Reads `ws://host:port/path` or the same with `wss`, `http` or `https`; nil for another scheme or a bad port.
    package init?(url: String) {
        let schemes = ["ws://": false, "wss://": true, "http://": false, "https://": true]
        guard let (scheme, isSecure) = schemes.first(where: { url.hasPrefix($0.key) }) else { return nil }
        var rest = url.dropFirst(scheme.count)
        var path = "/"
        if let slash = rest.firstIndex(where: { $0 == "/" || $0 == "?" }) {
            path = String(rest[slash...])
            if !path.hasPrefix("/") { path = "/" + path }
            rest = rest[..<slash]
        }
        var host = rest
        var port = isSecure ? 443 : 80
        if let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") {
            guard let number = Int(rest[rest.index(after: colon)...]), (1...65_535).contains(number) else { return nil }
            port = number
            host = rest[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: port, path: path, isSecure: isSecure)
    }

    /// The URL with the scheme of HTTP.
    package var httpURL: String { self.url() }
}
