extension ProfileParser {
    mutating func stream(_ node: ScenarioNode?) -> Target.StreamTemplate? {
        guard let node else { return nil }
        let fields = self.reader.fields(
            node, of: "stream", known: ["document", "variables", "nonce_at", "tenant_variable"])
        for key in ["document", "nonce_at"] where fields[key] == nil {
            self.reader.fail(node, "the key stream.\(key) is missing")
        }
        var tenantVariable: String?
        if let tenant = fields["tenant_variable"], tenant.json != .null {
            tenantVariable = self.reader.string(tenant, "stream.tenant_variable")
        }
        let variables = self.variables(fields["variables"], "stream.variables", also: ["topic", "tenant"])
        guard let document = self.reader.string(fields["document"], "stream.document"),
            let nonce = self.reader.string(fields["nonce_at"], "stream.nonce_at")
        else { return nil }
        if !document.contains("subscription"), let node = fields["document"] {
            self.reader.fail(node, "stream.document is no subscription", hint: "subscription ($topic: String!) { … }")
        }
        if !nonce.hasPrefix("data."), let node = fields["nonce_at"] {
            self.reader.fail(
                node, "stream.nonce_at has to begin with data.",
                hint: "the path inside the result: data.\(nonce)")
        }
        var template = Target.StreamTemplate(document: document, variables: variables, noncePath: nonce)
        template.tenantVariable = tenantVariable
        return template
    }

    mutating func emit(_ node: ScenarioNode?) -> Profile.Emit? {
        guard let node else { return nil }
        if case .value(.string("none")) = node.content { return nil }
        let kinds = ["mutation", "http", "redis", "command", "ticker"]
        let fields = self.reader.fields(node, of: "emit", known: kinds)
        guard fields.entries.count == 1, let entry = fields.entries.first else {
            self.reader.fail(node, "emit has to name exactly one of \(kinds.joined(separator: ", "))")
            return nil
        }
        let emit: Profile.Emit?
        switch entry.key {
        case "mutation": emit = self.mutation(entry.value)
        case "http": emit = self.http(entry.value)
        case "redis": emit = self.redisMessage(entry.value)
        case "command": emit = .command(self.words(entry.value, "emit.command", also: Self.eventPlaceholders))
        case "ticker":
            let members = self.reader.fields(entry.value, of: "emit.ticker", known: ["every"])
            if members["every"] == nil {
                self.reader.fail(entry.value, "the key emit.ticker.every is missing", hint: "ticker: {every: 1s}")
            }
            emit = self.reader.nanoseconds(members["every"], "emit.ticker.every").map { .ticker(every: $0) }
        default: emit = nil
        }
        self.requireNonce(emit, at: entry.value)
        return emit
    }

    private static let eventPlaceholders = ["topic", "nonce", "tenant"]

    /// An event that does not carry its nonce cannot be told from another.
    private mutating func requireNonce(_ emit: Profile.Emit?, at node: ScenarioNode) {
        let carrier: String
        switch emit {
        case .mutation(_, let variables, _, _): carrier = variables.text
        case .http(_, let url, _, let json, _): carrier = url + json.text
        case .redis(_, let message): carrier = message
        case .command(let words): carrier = words.joined(separator: " ")
        case .ticker, nil: return
        }
        if !Placeholders.names(in: carrier).contains("nonce") {
            self.reader.fail(
                node, "the event carries no {{nonce}}", hint: "put \"{{nonce}}\" where stream.nonce_at finds it")
        }
    }

    private mutating func mutation(_ node: ScenarioNode) -> Profile.Emit? {
        let fields = self.reader.fields(node, of: "emit.mutation", known: ["document", "variables", "token", "over"])
        let subject = self.reader.string(fields["token"], "emit.mutation.token")
        guard let document = self.reader.string(fields["document"], "emit.mutation.document") else {
            if fields["document"] == nil { self.reader.fail(node, "the key emit.mutation.document is missing") }
            return nil
        }
        let variables = self.variables(fields["variables"], "emit.mutation.variables", also: Self.eventPlaceholders)
        let over = self.reader.string(fields["over"], "emit.mutation.over") ?? "socket"
        if over != "socket", over != "http" {
            self.reader.fail(fields["over"] ?? node, "emit.mutation.over has to be socket or http")
        }
        return .mutation(document: document, variables: variables, subject: subject, isOverHTTP: over == "http")
    }

    private mutating func http(_ node: ScenarioNode) -> Profile.Emit? {
        let fields = self.reader.fields(
            node, of: "emit.http", known: ["method", "path", "url", "headers", "json", "token"])
        let url = self.reader.string(fields["url"], "emit.http.url")
        let path = self.reader.string(fields["path"], "emit.http.path")
        guard let target = url ?? path,
            path == nil ? ["/", "http://", "https://"].contains(where: target.hasPrefix) : target.hasPrefix("/")
        else {
            self.reader.fail(
                node, "emit.http needs a path or a url",
                hint: "a path begins with / and is on the host of endpoints.http")
            return nil
        }
        if let node = fields["url"] ?? fields["path"] {
            self.checkPlaceholders(target, at: node, also: Self.eventPlaceholders)
        }
        return .http(
            method: self.reader.string(fields["method"], "emit.http.method") ?? "POST", url: target,
            headers: self.headers(fields["headers"], "emit.http.headers", also: Self.eventPlaceholders),
            json: self.variables(fields["json"], "emit.http.json", also: Self.eventPlaceholders),
            subject: self.reader.string(fields["token"], "emit.http.token"))
    }

    private mutating func redisMessage(_ node: ScenarioNode) -> Profile.Emit? {
        let fields = self.reader.fields(node, of: "emit.redis", known: ["channel", "message"])
        for key in ["channel", "message"] where fields[key] == nil {
            self.reader.fail(node, "the key emit.redis.\(key) is missing")
        }
        guard let channel = self.reader.string(fields["channel"], "emit.redis.channel"),
            let message = self.reader.string(fields["message"], "emit.redis.message")
        else { return nil }
        for (text, key) in [(channel, "channel"), (message, "message")] {
            if let node = fields[key] { self.checkPlaceholders(text, at: node, known: Self.eventPlaceholders) }
        }
        return .redis(channel: channel, message: message)
    }

    /// A mapping whose texts may hold the given placeholders.
    mutating func variables(_ node: ScenarioNode?, _ key: String, also: [String]) -> JSON {
        guard let node else { return .object([]) }
        guard case .object = node.json else {
            self.reader.fail(node, "\(key) has to be a mapping")
            return .object([])
        }
        self.check(node, also)
        return node.json
    }

    private mutating func check(_ node: ScenarioNode, _ known: [String]) {
        switch node.content {
        case .value(.string(let text)):
            for name in Placeholders.names(in: text) where !known.contains(name) {
                self.reader.fail(
                    node, "unknown placeholder {{\(name)}}",
                    hint: known.isEmpty ? "none is known here" : "known here: \(known.joined(separator: ", "))")
            }
        case .value: break
        case .list(let items): for item in items { self.check(item, known) }
        case .map(let entries): for entry in entries { self.check(entry.value, known) }
        }
    }
}

extension Profile.Emit {
    /// The event as the player makes it happen; `nil` for what it cannot do.
    package var template: Target.EmitTemplate? {
        switch self {
        case .mutation(let document, let variables, _, false):
            return .mutation(document: document, variables: variables)
        case .mutation(let document, let variables, _, true):
            return .http(
                path: "", body: .object([.init("query", .string(document)), .init("variables", variables)]))
        case .http("POST", let url, [], let json, nil) where url.hasPrefix("/"): return .http(path: url, body: json)
        case .redis(let channel, let message): return .redis(channel: channel, message: message)
        case .http, .command, .ticker: return nil
        }
    }

    /// Whose token the event needs.
    package var subject: String? {
        switch self {
        case .mutation(_, _, let subject, _), .http(_, _, _, _, let subject): subject
        case .redis, .command, .ticker: nil
        }
    }
}
