extension ProfileParser {
    mutating func tenancy(_ node: ScenarioNode?) -> Profile.Tenancy? {
        guard let node else { return nil }
        let fields = self.reader.fields(node, of: "tenancy", known: ["from", "tenants", "argument", "lookup"])
        for key in ["from", "tenants"] where fields[key] == nil {
            self.reader.fail(node, "the key tenancy.\(key) is missing")
        }
        self.documents(fields["argument"], "tenancy.argument", ["document"], also: ["code"])
        self.documents(fields["lookup"], "tenancy.lookup", ["create", "watch", "read"], also: ["claims"])
        let tenants = self.reader.strings(fields["tenants"], "tenancy.tenants")
        if let tenants, let node = fields["tenants"], Set(tenants).count < 2 {
            self.reader.fail(
                node, "tenancy.tenants has to name two different tenants",
                hint: "with fewer nobody can be kept from another's events")
        }
        guard let from = self.reader.string(fields["from"], "tenancy.from"), let tenants else { return nil }
        let sources: [(prefix: String, make: (String) -> Profile.Tenancy.Source)] = [
            ("claim.", { .claim($0) }), ("header.", { .header($0) }), ("argument.", { .argument($0) }),
        ]
        if from == "hostname" { return Profile.Tenancy(source: .hostname, tenants: tenants) }
        guard let source = sources.first(where: { from.hasPrefix($0.prefix) && from != $0.prefix }) else {
            self.reader.fail(
                fields["from"] ?? node, "\(from) names no tenant",
                hint: "one of claim.PATH, header.NAME, argument.NAME, hostname")
            return nil
        }
        return Profile.Tenancy(source: source.make(String(from.dropFirst(source.prefix.count))), tenants: tenants)
    }

    /// Operations that scenarios read by name.
    private mutating func documents(
        _ node: ScenarioNode?, _ key: String, _ documents: [String], also: [String]
    ) {
        guard let node else { return }
        let fields = self.reader.fields(node, of: key, known: documents + also)
        for name in documents {
            if fields[name] == nil { self.reader.fail(node, "the key \(key).\(name) is missing") }
            _ = self.reader.string(fields[name], "\(key).\(name)")
        }
    }

    mutating func degrade(_ node: ScenarioNode?) -> Profile.Degrade? {
        guard let node else { return nil }
        let fields = self.reader.fields(
            node, of: "degrade",
            known: [
                "existing_streams", "new_subscriptions", "events_during_outage", "close_code", "code", "within",
                "ready", "live",
            ])
        var degrade = Profile.Degrade()
        degrade.existingStreams = self.reader.choice(fields["existing_streams"], "degrade.existing_streams")
        degrade.newSubscriptions = self.reader.choice(fields["new_subscriptions"], "degrade.new_subscriptions")
        degrade.events = self.reader.choice(fields["events_during_outage"], "degrade.events_during_outage")
        degrade.closeCode = self.closeCode(fields["close_code"], "degrade.close_code")
        degrade.code = self.reader.string(fields["code"], "degrade.code")
        degrade.within = self.reader.nanoseconds(fields["within"], "degrade.within")
        degrade.ready = self.path(fields["ready"], "degrade.ready")
        degrade.live = self.path(fields["live"], "degrade.live")
        if degrade.existingStreams == .keep, let node = fields["close_code"] {
            self.reader.fail(node, "degrade.close_code says nothing while existing_streams are kept")
        }
        return degrade
    }

    private mutating func path(_ node: ScenarioNode?, _ key: String) -> String? {
        guard let node, let path = self.reader.string(node, key) else { return nil }
        guard path.hasPrefix("/") else {
            self.reader.fail(node, "\(key) has to be a path on the host of the http endpoint", hint: "/health/ready")
            return nil
        }
        return path
    }

    mutating func probes(_ node: ScenarioNode?) -> Profile.Probes {
        var probes = Profile.Probes()
        let fields = self.reader.fields(node, of: "probes", known: ["gauges", "process_id_file"])
        let gauges = self.reader.fields(
            fields["gauges"], of: "probes.gauges", known: ["http", "subscriptions", "connections"])
        probes.metrics = self.reader.string(gauges["http"], "probes.gauges.http")
        for name in ["subscriptions", "connections"] {
            probes.gauges[name] = self.reader.string(gauges[name], "probes.gauges.\(name)")
        }
        if let node = fields["gauges"] {
            if let metrics = probes.metrics {
                self.checkPlaceholders(metrics, at: gauges["http"] ?? node, also: [])
            } else if gauges["http"] == nil {
                self.reader.fail(node, "the key probes.gauges.http is missing", hint: "for example http: /metrics")
            }
        }
        probes.processIDFile = self.reader.string(fields["process_id_file"], "probes.process_id_file")
        return probes
    }

    mutating func tls(_ node: ScenarioNode?) -> Profile.TLS {
        let fields = self.reader.fields(node, of: "tls", known: ["ca", "verify", "server_name"])
        var tls = Profile.TLS()
        tls.authorities = self.reader.string(fields["ca"], "tls.ca")
        if let authorities = tls.authorities, let node = fields["ca"] {
            self.checkPlaceholders(authorities, at: node, also: [])
        }
        tls.isVerified = self.reader.flag(fields["verify"], "tls.verify") ?? true
        tls.serverName = self.reader.string(fields["server_name"], "tls.server_name")
        return tls
    }

    // MARK: Limits

    /// Waits of the server that are no counts.
    static let waits = [
        "connection_init_timeout", "handshake_timeout", "idle_timeout", "pong_timeout", "stall_timeout",
    ]
    /// Counts, sizes and rates.
    static let counts = [
        "message_bytes", "body_bytes", "subscriptions_per_connection", "subscriptions_per_subject",
        "connections_per_subject", "connections_per_tenant", "connections_per_address", "connections",
        "messages_per_second", "messages_per_tenant", "connections_per_second", "query_depth", "query_tokens",
        "query_cost",
        "outgoing_bytes", "outgoing_messages",
    ]

    mutating func limits(_ node: ScenarioNode?) -> [String: Profile.Limit] {
        let fields = self.reader.fields(node, of: "limits", known: Self.waits + Self.counts)
        for key in Self.waits {
            guard let wait = fields[key], wait.json != .null else { continue }
            _ = self.reader.duration(wait, "limits.\(key)")
        }
        var limits: [String: Profile.Limit] = [:]
        for key in Self.counts {
            guard let limit = fields[key], limit.json != .null else { continue }
            limits[key] = self.limit(limit, "limits.\(key)")
        }
        return limits
    }

    private mutating func limit(_ node: ScenarioNode, _ key: String) -> Profile.Limit? {
        guard case .map = node.content else {
            return self.reader.integer(node, key, in: 1...Int.max).map { Profile.Limit(value: $0) }
        }
        let fields = self.reader.fields(
            node, of: key, known: ["value", "window", "on_exceed", "code", "close_code", "status", "retry_after"])
        guard let value = fields["value"] else {
            self.reader.fail(node, "the key \(key).value is missing")
            return nil
        }
        guard let number = self.reader.integer(value, "\(key).value", in: 1...Int.max) else { return nil }
        var limit = Profile.Limit(value: number)
        limit.window = self.reader.nanoseconds(fields["window"], "\(key).window")
        limit.onExceed = self.reader.choice(fields["on_exceed"], "\(key).on_exceed")
        limit.code = self.reader.string(fields["code"], "\(key).code")
        limit.closeCode = self.closeCode(fields["close_code"], "\(key).close_code")
        limit.status = self.reader.integer(fields["status"], "\(key).status", in: 300...599)
        limit.tellsRetryAfter = self.reader.flag(fields["retry_after"], "\(key).retry_after")
        if let node = fields["close_code"], let action = limit.onExceed, action != .close {
            self.reader.fail(
                node, "\(key).close_code says nothing with on_exceed: \(action.rawValue)", hint: "on_exceed: close")
        }
        return limit
    }

    /// A code that a server may send in a close frame (RFC 6455 §7.4).
    mutating func closeCode(_ node: ScenarioNode?, _ key: String) -> Int? {
        guard let node, let code = self.reader.integer(node, key, in: 1000...4999) else { return nil }
        if [1004, 1005, 1006, 1015].contains(code) || (1016...2999).contains(code) {
            self.reader.fail(node, "\(code) is a close code that nobody sends", hint: "RFC 6455 §7.4; for example 4403")
        }
        return code
    }
}
