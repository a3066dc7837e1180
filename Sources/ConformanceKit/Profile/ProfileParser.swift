/// Turns the nodes of a profile into its value; mistakes gather in `reader`.
struct ProfileParser {
    var reader: ProfileReader

    /// Names of transports, and the short names that are read as them.
    static let transports = ["transport-ws", "legacy-ws", "sse", "http"]
    static let aliases = ["gtws": "transport-ws", "legacy": "legacy-ws"]
    /// The placeholders of `start` and of URLs.
    static let placeholders = ["port", "redis.url", "redis.host", "redis.port", "auth.secret", "bin"]

    init(file: String) {
        self.reader = ProfileReader(file: file)
    }

    mutating func profile(_ root: ScenarioNode, digest: String) -> Profile? {
        let top = self.reader.fields(
            root, of: "",
            known: [
                "profile", "server", "start", "endpoints", "stream", "emit", "auth", "tenancy", "limits", "degrade",
                "redis", "timing", "jobs", "features", "probes", "expectations", "tls", "extends", "variants",
            ])
        if let version = top["profile"], self.reader.integer(version, "profile", in: 1...1) == nil { return nil }
        let server = self.server(top["server"], root)
        let start = self.start(top["start"])
        let endpoints = self.endpoints(top["endpoints"], root)
        let timing = self.timing(top["timing"])
        let jobs = self.reader.integer(top["jobs"], "jobs", in: 1...1000)
        var declared = Profile.Declared()
        let redisURL = self.redis(top["redis"], &declared)
        declared.limits = self.limits(top["limits"])
        let stream = self.stream(top["stream"])
        declared.emit = self.emit(top["emit"])
        declared.auth = self.auth(top["auth"])
        declared.tenancy = self.tenancy(top["tenancy"])
        declared.degrade = self.degrade(top["degrade"])
        declared.probes = self.probes(top["probes"])
        declared.tls = self.tls(top["tls"])
        let features = self.features(top["features"])
        let expectations = self.reader.string(top["expectations"], "expectations")
        _ = self.reader.strings(top["variants"], "variants")
        self.checkTogether(top, declared, stream)
        guard let server else { return nil }
        return Profile(
            file: self.reader.file, digest: digest, name: server.name, version: server.version, start: start,
            endpoints: endpoints, stream: stream, emit: declared.emit?.template, timing: timing, jobs: jobs,
            features: features,
            declared: declared, expectations: expectations, redisURL: redisURL,
            value: self.completed(root.json, timing: timing), notices: self.reader.notices)
    }

    /// Mistakes that only two keys together show.
    private mutating func checkTogether(
        _ top: Fields, _ declared: Profile.Declared, _ stream: Target.StreamTemplate?
    ) {
        if let tenancy = declared.tenancy, case .claim = tenancy.source, declared.auth == nil, let node = top["tenancy"]
        {
            self.reader.fail(node, "tenancy comes from a claim, but the profile has no auth")
        }
        for (name, subject) in declared.auth?.subjects ?? [:] {
            guard let tenant = subject.tenant, let tenancy = declared.tenancy, !tenancy.tenants.contains(tenant),
                let node = top["auth"]
            else { continue }
            self.reader.fail(
                node["subjects"]?[name]?["tenant"] ?? node, "\(tenant) is not among tenancy.tenants",
                hint: Suggestion.hint(for: tenant, among: tenancy.tenants))
        }
        if let subject = declared.emit?.subject, let node = top["emit"], declared.auth?.subjects[subject] == nil {
            self.reader.fail(
                node, "emit uses the token of \(subject), which auth.subjects does not name",
                hint: Suggestion.hint(for: subject, among: Array((declared.auth?.subjects ?? [:]).keys)))
        }
        if let variable = stream?.tenantVariable, let node = top["stream"], stream?.variables[variable] == nil {
            self.reader.fail(
                node["tenant_variable"] ?? node, "stream.variables has no \(variable)",
                hint: "tenant_variable names the variable in which a client chooses a tenant")
        }
    }

    private mutating func server(_ node: ScenarioNode?, _ root: ScenarioNode) -> (name: String, version: String)? {
        guard let node else {
            self.reader.fail(root, "the key server is missing", hint: "server: {name: my-server, version: 1.2.3}")
            return nil
        }
        let fields = self.reader.fields(node, of: "server", known: ["name", "version", "url", "issues"])
        let name = self.reader.string(fields["name"], "server.name")
        let version = self.reader.string(fields["version"], "server.version")
        if fields["name"] == nil { self.reader.fail(node, "the key server.name is missing") }
        if fields["version"] == nil {
            self.reader.fail(node, "the key server.version is missing", hint: "the exact version, not a branch")
        }
        guard let name, let version else { return nil }
        return (name, version)
    }

    private mutating func endpoints(_ node: ScenarioNode?, _ root: ScenarioNode) -> [Profile.Endpoint] {
        guard let node else {
            self.reader.fail(
                root, "the key endpoints is missing",
                hint: "endpoints: {transport-ws: {url: \"ws://127.0.0.1:{{port}}/graphql\"}}")
            return []
        }
        let known = Self.transports + Self.aliases.keys.sorted()
        let fields = self.reader.fields(node, of: "endpoints", known: known)
        let endpoints = fields.entries.compactMap { entry -> Profile.Endpoint? in
            let transport = Self.aliases[entry.key] ?? entry.key
            guard Self.transports.contains(transport) else { return nil }
            let owner = "endpoints.\(entry.key)"
            let members = self.reader.fields(
                entry.value, of: owner, known: transport == "sse" ? ["url", "mode"] : ["url"])
            guard let url = self.reader.string(members["url"], "\(owner).url") else {
                if members["url"] == nil { self.reader.fail(entry.value, "the key \(owner).url is missing") }
                return nil
            }
            self.checkURL(url, transport, at: members["url"] ?? entry.value)
            let mode: Profile.Endpoint.Mode? = self.reader.choice(members["mode"], "\(owner).mode")
            return Profile.Endpoint(transport: transport, url: url, mode: mode ?? .distinct, line: entry.line)
        }
        if endpoints.isEmpty, fields.entries.isEmpty { self.reader.fail(node, "endpoints names no transport") }
        return endpoints
    }

    private mutating func checkURL(_ url: String, _ transport: String, at node: ScenarioNode) {
        guard self.checkPlaceholders(url, at: node, also: []) else { return }
        let schemes = transport.hasSuffix("-ws") ? ["ws://", "wss://"] : ["http://", "https://"]
        guard schemes.contains(where: url.hasPrefix) else {
            self.reader.fail(
                node, "the URL of \(transport) has to begin with \(schemes.joined(separator: " or "))")
            return
        }
        if Target.Endpoint(url: Placeholders.fill(url, ["port": "80", "redis.port": "80"])) == nil {
            self.reader.fail(node, "\(url) is no URL with a host, an optional port and a path")
        }
    }

    /// Whether every placeholder is one of the profile's, or among `also`.
    @discardableResult
    mutating func checkPlaceholders(_ text: String, at node: ScenarioNode, also: [String]) -> Bool {
        self.checkPlaceholders(text, at: node, known: Self.placeholders + also)
    }

    /// Whether every placeholder is known.
    @discardableResult
    mutating func checkPlaceholders(_ text: String, at node: ScenarioNode, known: [String]) -> Bool {
        let unknown = Placeholders.names(in: text).filter { !known.contains($0) }
        for name in unknown {
            self.reader.fail(
                node, "unknown placeholder {{\(name)}}", hint: Suggestion.hint(for: name, among: known))
        }
        return unknown.isEmpty
    }

    private mutating func redis(_ node: ScenarioNode?, _ declared: inout Profile.Declared) -> String? {
        guard let node else { return nil }
        let fields = self.reader.fields(node, of: "redis", known: ["url", "uses", "pattern", "layout"])
        declared.redisLayout = self.reader.choice(fields["layout"], "redis.layout")
        if let pattern = self.reader.string(fields["pattern"], "redis.pattern") { declared.redisPattern = pattern }
        if let uses = self.reader.string(fields["uses"], "redis.uses"), uses != "pubsub", let node = fields["uses"] {
            self.reader.fail(node, "unknown redis.uses \(uses)", hint: "pubsub; leave redis out if the server has none")
        }
        guard let url = self.reader.string(fields["url"], "redis.url") else { return nil }
        if Target.RedisAddress(url: url) == nil {
            self.reader.fail(
                fields["url"] ?? node, "\(url) is no Redis URL",
                hint: "redis://127.0.0.1:6379/0, rediss:// for TLS, redis://user:password@host for a password")
        }
        return url
    }

    private mutating func features(_ node: ScenarioNode?) -> [String: Bool] {
        var features: [String: Bool] = [:]
        for entry in self.reader.entries(node, of: "features") {
            if let flag = self.reader.flag(entry.value, "features.\(entry.key)") { features[entry.key] = flag }
        }
        return features
    }
}
