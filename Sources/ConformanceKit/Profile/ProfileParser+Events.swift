extension ProfileParser {
    mutating func stream(_ node: ScenarioNode?) -> Target.StreamTemplate? {
        guard let node else { return nil }
        let fields = self.reader.fields(
            node, of: "stream", known: ["document", "variables", "nonce_at", "tenant_variable"])
        for key in ["document", "nonce_at"] where fields[key] == nil {
            self.reader.fail(node, "the key stream.\(key) is missing")
        }
        if let tenant = fields["tenant_variable"], tenant.json != .null {
            self.reader.unsupported("stream.tenant_variable", at: tenant)
        }
        let variables = self.variables(fields["variables"], "stream.variables", also: ["topic"])
        guard let document = self.reader.string(fields["document"], "stream.document"),
            let nonce = self.reader.string(fields["nonce_at"], "stream.nonce_at")
        else { return nil }
        return Target.StreamTemplate(document: document, variables: variables, noncePath: nonce)
    }

    mutating func emit(_ node: ScenarioNode?) -> Target.EmitTemplate? {
        guard let node else { return nil }
        if case .value(.string("none")) = node.content { return nil }
        let kinds = ["mutation", "http", "redis", "command", "ticker"]
        let fields = self.reader.fields(node, of: "emit", known: kinds)
        guard fields.entries.count == 1, let entry = fields.entries.first else {
            self.reader.fail(node, "emit has to name exactly one of \(kinds.joined(separator: ", "))")
            return nil
        }
        switch entry.key {
        case "mutation": return self.mutation(entry.value)
        case "http": return self.http(entry.value)
        case "redis": return self.redisMessage(entry.value)
        default:
            if kinds.contains(entry.key) {
                self.reader.unsupported(
                    "emit.\(entry.key)", at: entry.value, hint: "cases that need events count as unsupported")
            }
            return nil
        }
    }

    private mutating func mutation(_ node: ScenarioNode) -> Target.EmitTemplate? {
        let fields = self.reader.fields(node, of: "emit.mutation", known: ["document", "variables", "token", "over"])
        if let token = fields["token"] { self.reader.unsupported("emit.mutation.token", at: token) }
        guard let document = self.reader.string(fields["document"], "emit.mutation.document") else {
            if fields["document"] == nil { self.reader.fail(node, "the key emit.mutation.document is missing") }
            return nil
        }
        let variables = self.variables(fields["variables"], "emit.mutation.variables", also: ["topic", "nonce"])
        let over = self.reader.string(fields["over"], "emit.mutation.over") ?? "socket"
        switch over {
        case "socket": return .mutation(document: document, variables: variables)
        case "http":
            let body = JSON.object([.init("query", .string(document)), .init("variables", variables)])
            return .http(path: "", body: body)
        default:
            self.reader.fail(fields["over"] ?? node, "emit.mutation.over has to be socket or http")
            return nil
        }
    }

    private mutating func http(_ node: ScenarioNode) -> Target.EmitTemplate? {
        let fields = self.reader.fields(node, of: "emit.http", known: ["method", "path", "url", "json"])
        if let method = self.reader.string(fields["method"], "emit.http.method"), method != "POST" {
            self.reader.fail(fields["method"] ?? node, "emit.http.method has to be POST")
        }
        let url = self.reader.string(fields["url"], "emit.http.url")
        let path = self.reader.string(fields["path"], "emit.http.path") ?? url.map(Self.path(ofURL:))
        guard let path, path.hasPrefix("/") else {
            self.reader.fail(
                node, "emit.http needs a path",
                hint: "a path that begins with / on the host of endpoints.http")
            return nil
        }
        return .http(path: path, body: self.variables(fields["json"], "emit.http.json", also: ["topic", "nonce"]))
    }

    private mutating func redisMessage(_ node: ScenarioNode) -> Target.EmitTemplate? {
        let fields = self.reader.fields(node, of: "emit.redis", known: ["channel", "message"])
        for key in ["channel", "message"] where fields[key] == nil {
            self.reader.fail(node, "the key emit.redis.\(key) is missing")
        }
        guard let channel = self.reader.string(fields["channel"], "emit.redis.channel"),
            let message = self.reader.string(fields["message"], "emit.redis.message")
        else { return nil }
        return .redis(channel: channel, message: message)
    }

    private static func path(ofURL url: String) -> String {
        guard let scheme = url.firstRange(of: "://"), let slash = url[scheme.upperBound...].firstIndex(of: "/") else {
            return url
        }
        return String(url[slash...])
    }

    /// A mapping whose texts may hold the given placeholders.
    private mutating func variables(_ node: ScenarioNode?, _ key: String, also: [String]) -> JSON {
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
                    node, "unknown placeholder {{\(name)}}", hint: "known here: \(known.joined(separator: ", "))")
            }
        case .value: break
        case .list(let items): for item in items { self.check(item, known) }
        case .map(let entries): for entry in entries { self.check(entry.value, known) }
        }
    }
}
