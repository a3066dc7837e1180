extension ProfileParser {
    mutating func auth(_ node: ScenarioNode?) -> Profile.Auth? {
        guard let node else { return nil }
        let fields = self.reader.fields(
            node, of: "auth",
            known: [
                "carry", "format", "mint", "subjects", "default", "reject", "expiry", "revocation", "anonymous",
                "restricted", "origins",
            ])
        var auth = Profile.Auth()
        for (transport, entry) in self.byTransport(fields["carry"], "auth.carry") {
            guard let text = self.reader.string(entry.value, "auth.carry.\(entry.key)") else { continue }
            auth.carry[transport] = self.carrier(text, transport, at: entry.value)
        }
        if let format = self.reader.string(fields["format"], "auth.format"), let node = fields["format"] {
            self.checkPlaceholders(format, at: node, known: ["token"])
            if !Placeholders.names(in: format).contains("token") {
                self.reader.fail(node, "auth.format has to hold {{token}}", hint: "for example \"Bearer {{token}}\"")
            }
            auth.format = format
        }
        auth.mint = self.mint(fields["mint"])
        for entry in self.reader.entries(fields["subjects"], of: "auth.subjects") {
            auth.subjects[entry.key] = self.subject(entry)
        }
        for (transport, entry) in self.byTransport(fields["reject"], "auth.reject") {
            auth.reject[transport] = self.rejection(entry.value, "auth.reject.\(entry.key)")
        }
        auth.defaultSubject = self.defaultSubject(fields["default"], among: auth.subjects)
        auth.expiry = self.expiry(fields["expiry"])
        auth.revoke = self.revocation(fields["revocation"])
        self.restricted(fields["restricted"])
        self.origins(fields["origins"])
        auth.isAnonymousServed = self.reader.flag(fields["anonymous"], "auth.anonymous")
        if fields["carry"] == nil {
            self.reader.fail(
                node, "the key auth.carry is missing",
                hint: "where the token goes: {transport-ws: connection_init.payload.Authorization}")
        }
        if auth.mint == nil, fields["mint"] == nil, !auth.subjects.values.contains(where: { $0.token != nil }) {
            self.reader.fail(
                node, "auth says how no token comes about", hint: "give auth.mint, or a token for each of auth.subjects"
            )
        }
        return auth
    }

    /// The entries of a mapping whose keys are transports.
    private mutating func byTransport(
        _ node: ScenarioNode?, _ key: String
    ) -> [(transport: String, entry: ScenarioNode.Entry)] {
        self.reader.fields(node, of: key, known: Self.transports + ["sse-single"] + Self.aliases.keys.sorted()).entries
            .compactMap {
                entry in
                let transport = Self.aliases[entry.key] ?? entry.key
                return Self.transports.contains(transport) || transport == "sse-single" ? (transport, entry) : nil
            }
    }

    private mutating func carrier(
        _ text: String, _ transport: String, at node: ScenarioNode
    ) -> Profile.Carrier? {
        let carriers: [(prefix: String, make: (String) -> Profile.Carrier)] = [
            ("connection_init.payload.", { .initPayload($0) }), ("header.", { .header($0) }),
            ("query.", { .query($0) }), ("cookie.", { .cookie($0) }), ("subprotocol.", { .subprotocol(prefix: $0) }),
        ]
        guard let carrier = carriers.first(where: { text.hasPrefix($0.prefix) && text != $0.prefix }) else {
            self.reader.fail(
                node, "\(text) is no place for a token",
                hint: "one of connection_init.payload.NAME, header.NAME, query.NAME, cookie.NAME, subprotocol.PREFIX")
            return nil
        }
        let needsSocket = carrier.prefix.hasPrefix("connection_init") || carrier.prefix == "subprotocol."
        if needsSocket, !transport.hasSuffix("-ws") {
            self.reader.fail(
                node, "\(transport) has no \(carrier.prefix.dropLast())", hint: "header.Authorization, for example")
        }
        return carrier.make(String(text.dropFirst(carrier.prefix.count)))
    }

    // MARK: Tokens

    private mutating func mint(_ node: ScenarioNode?) -> Profile.Mint? {
        guard let node else { return nil }
        let kinds = ["jwt", "table", "http", "command"]
        let fields = self.reader.fields(node, of: "auth.mint", known: kinds)
        guard fields.entries.count == 1, let entry = fields.entries.first else {
            self.reader.fail(node, "auth.mint has to name exactly one of \(kinds.joined(separator: ", "))")
            return nil
        }
        switch entry.key {
        case "jwt": return self.jwt(entry.value).map { .jwt($0) }
        case "table":
            var table: [String: String] = [:]
            for row in self.reader.entries(entry.value, of: "auth.mint.table") {
                table[row.key] = self.reader.string(row.value, "auth.mint.table.\(row.key)")
            }
            return .table(table)
        case "http": return self.httpMint(entry.value).map { .http($0) }
        case "command":
            return .command(self.words(entry.value, "auth.mint.command", also: Self.tokenPlaceholders))
        default: return nil
        }
    }

    private static let tokenPlaceholders = ["subject", "tenant", "kind"]

    private mutating func jwt(_ node: ScenarioNode) -> Profile.JWT? {
        let fields = self.reader.fields(
            node, of: "auth.mint.jwt",
            known: ["alg", "secret", "private_key", "kid", "lifetime", "claims", "header"])
        let key = "auth.mint.jwt"
        guard let name = self.reader.string(fields["alg"], "\(key).alg") else {
            if fields["alg"] == nil { self.reader.fail(node, "the key \(key).alg is missing", hint: "alg: HS256") }
            return nil
        }
        if !Profile.JWT.algorithms.contains(name) {
            self.reader.fail(
                fields["alg"] ?? node, "unknown algorithm \(name)",
                hint: Suggestion.hint(for: name, among: Profile.JWT.algorithms))
        }
        let secret = self.reader.string(fields["secret"], "\(key).secret")
        if let secret, let node = fields["secret"] { self.checkPlaceholders(secret, at: node, known: ["auth.secret"]) }
        let privateKey = self.reader.string(fields["private_key"], "\(key).private_key").map { self.located($0) }
        if let privateKey, let node = fields["private_key"] {
            self.checkPlaceholders(privateKey, at: node, known: [])
        }
        if name.hasPrefix("HS"), secret == nil {
            self.reader.fail(node, "\(name) needs \(key).secret", hint: "secret: \"{{auth.secret}}\"")
        } else if !name.hasPrefix("HS"), privateKey == nil {
            self.reader.fail(node, "\(name) needs \(key).private_key", hint: "the path of a PEM file")
        }
        var jwt = Profile.JWT(
            algorithm: name, secret: secret, privateKey: privateKey,
            keyID: self.reader.string(fields["kid"], "\(key).kid"),
            claims: self.variables(
                fields["claims"], "\(key).claims",
                also: ["subject", "tenant", "issued", "not_before", "expires", "token_id"]))
        if let lifetime = self.reader.nanoseconds(fields["lifetime"], "\(key).lifetime") { jwt.lifetime = lifetime }
        jwt.header = self.variables(fields["header"], "\(key).header", also: [])
        return jwt
    }

    private mutating func httpMint(_ node: ScenarioNode) -> Profile.HTTPMint? {
        let key = "auth.mint.http"
        let fields = self.reader.fields(node, of: key, known: ["method", "url", "headers", "json", "token_at"])
        let url = self.reader.string(fields["url"], "\(key).url")
        let tokenAt = self.reader.string(fields["token_at"], "\(key).token_at")
        for name in ["url", "token_at"] where fields[name] == nil {
            self.reader.fail(node, "the key \(key).\(name) is missing")
        }
        let headers = self.headers(fields["headers"], "\(key).headers", also: Self.tokenPlaceholders)
        let json = self.variables(fields["json"], "\(key).json", also: Self.tokenPlaceholders)
        let method = self.reader.string(fields["method"], "\(key).method") ?? "POST"
        guard let url, let tokenAt else { return nil }
        if let node = fields["url"] {
            self.checkPlaceholders(url, at: node, also: Self.tokenPlaceholders)
            if !["http://", "https://", "/"].contains(where: url.hasPrefix) {
                self.reader.fail(node, "\(key).url has to be a path or an http URL")
            }
        }
        return Profile.HTTPMint(method: method, url: url, headers: headers, json: json, tokenAt: tokenAt)
    }

    mutating func headers(_ node: ScenarioNode?, _ key: String, also: [String]) -> [HTTPHeader] {
        self.reader.entries(node, of: key).compactMap { entry in
            guard let value = self.reader.string(entry.value, "\(key).\(entry.key)") else { return nil }
            self.checkPlaceholders(value, at: entry.value, also: also)
            return HTTPHeader(name: entry.key, value: value)
        }
    }

    private mutating func subject(_ entry: ScenarioNode.Entry) -> Profile.Subject {
        let key = "auth.subjects.\(entry.key)"
        let fields = self.reader.fields(entry.value, of: key, known: ["tenant", "claims", "token"])
        return Profile.Subject(
            tenant: self.reader.string(fields["tenant"], "\(key).tenant"),
            claims: self.variables(fields["claims"], "\(key).claims", also: ["subject", "tenant"]),
            token: self.reader.string(fields["token"], "\(key).token"))
    }

    private mutating func defaultSubject(_ node: ScenarioNode?, among subjects: [String: Profile.Subject]) -> String? {
        guard let node, let name = self.reader.string(node, "auth.default") else { return nil }
        if name != "none", subjects[name] == nil {
            self.reader.fail(
                node, "auth.default is \(name), which auth.subjects does not name",
                hint: Suggestion.hint(for: name, among: subjects.keys.sorted() + ["none"]))
        }
        return name
    }

    // MARK: Refusal, revocation and expiry

    /// Scenarios read the close code and the rest by name.
    private mutating func revocation(_ node: ScenarioNode?) -> [String] {
        guard let node else { return [] }
        let fields = self.reader.fields(
            node, of: "auth.revocation", known: ["command", "close_code", "code", "within"])
        _ = self.closeCode(fields["close_code"], "auth.revocation.close_code")
        _ = self.reader.string(fields["code"], "auth.revocation.code")
        _ = self.reader.nanoseconds(fields["within"], "auth.revocation.within")
        let command = self.words(
            fields["command"], "auth.revocation.command", also: ["token", "token_id", "subject", "tenant"])
        if command.isEmpty {
            self.reader.fail(
                node, "the key auth.revocation.command is missing",
                hint: "the program that revokes, such as [./revoke, \"{{token_id}}\"]")
        }
        return command
    }

    /// An operation that not everybody may run; scenarios read it by name.
    private mutating func restricted(_ node: ScenarioNode?) {
        guard let node else { return }
        let key = "auth.restricted"
        let fields = self.reader.fields(
            node, of: key, known: ["document", "variables", "claims", "code", "anonymous_code"])
        if self.reader.string(fields["document"], "\(key).document") == nil, fields["document"] == nil {
            self.reader.fail(node, "the key \(key).document is missing", hint: "an operation that needs a permission")
        }
        for name in ["variables", "claims"] {
            if let node = fields[name], case .object = node.json { continue }
            self.reader.fail(fields[name] ?? node, "\(key).\(name) has to be a mapping")
        }
        for name in ["code", "anonymous_code"] { _ = self.reader.string(fields[name], "\(key).\(name)") }
    }

    /// From which pages clients are let in; scenarios read it by name.
    private mutating func origins(_ node: ScenarioNode?) {
        guard let node else { return }
        let fields = self.reader.fields(node, of: "auth.origins", known: ["allowed", "refused", "status"])
        for key in ["allowed", "refused"] {
            if fields[key] == nil { self.reader.fail(node, "the key auth.origins.\(key) is missing") }
            _ = self.reader.string(fields[key], "auth.origins.\(key)")
        }
        _ = self.reader.integer(fields["status"], "auth.origins.status", in: 300...599)
    }

    private mutating func rejection(_ node: ScenarioNode, _ key: String) -> Profile.Rejection {
        let fields = self.reader.fields(node, of: key, known: ["close", "reason", "status", "message", "code"])
        let rejection = Profile.Rejection(
            close: self.closeCode(fields["close"], "\(key).close"),
            reason: self.reader.string(fields["reason"], "\(key).reason"),
            status: self.reader.integer(fields["status"], "\(key).status", in: 300...599),
            message: self.reader.string(fields["message"], "\(key).message"),
            code: self.reader.string(fields["code"], "\(key).code"))
        if case .map(let entries) = node.content, entries.isEmpty {
            self.reader.fail(node, "\(key) is empty", hint: "for example {close: 4403}, or {status: 401}")
        }
        return rejection
    }

    private mutating func expiry(_ node: ScenarioNode?) -> Profile.Expiry? {
        guard let node else { return nil }
        let fields = self.reader.fields(node, of: "auth.expiry", known: ["action", "close_code", "code", "grace"])
        guard
            let action: Profile.Expiry.Action = self.reader.choice(fields["action"], "auth.expiry.action", in: node)
        else { return nil }
        var expiry = Profile.Expiry(
            action: action, closeCode: self.closeCode(fields["close_code"], "auth.expiry.close_code"),
            code: self.reader.string(fields["code"], "auth.expiry.code"))
        if let grace = self.reader.nanoseconds(fields["grace"], "auth.expiry.grace") { expiry.grace = grace }
        if action != .close, let node = fields["close_code"] {
            self.reader.fail(node, "auth.expiry.close_code says nothing with action \(action.rawValue)")
        }
        return expiry
    }
}
