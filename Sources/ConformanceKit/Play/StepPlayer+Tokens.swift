import Foundation

/// A token of a case.
struct MintedToken: Sendable {
    var text: String
    /// Seconds since 1970.
    var expires: Int?
    var subject = ""
    var tenant: String?
}

/// Tokens: making them, and putting them where the profile says.
extension StepPlayer {
    // MARK: Making

    func mint(_ arguments: MintArguments, _ place: String) async throws(Abort) {
        let token = try await self.make(arguments, place)
        var members: [JSON.Member] = [.init("token", .string(token.text))]
        if let expires = token.expires { members.append(.init("expires", .int(expires))) }
        self.session.save(arguments.name, .object(members))
        self.session.save(token: token, as: arguments.name)
    }

    private func make(_ arguments: MintArguments, _ place: String) async throws(Abort) -> MintedToken {
        guard let auth = self.target.declared.auth else {
            throw self.problem(.undeclared, "the profile has no auth", nil, place)
        }
        let subject = arguments.subject ?? self.defaultSubject ?? "default"
        let known = auth.subjects[subject]
        // Somebody whom the profile does not know belongs to the first tenant.
        let tenant =
            arguments.tenant ?? (known == nil ? self.target.declared.tenancy?.tenants.first : known?.tenant)
        let now = Int(Date().timeIntervalSince1970)
        // It lives as long as asked for where the server is far away as well, and although tokens know whole seconds only.
        let distance = self.roundTrips.allowance(for: 10) / 1_000_000_000
        let lifetime = arguments.lifetime.map { $0 + Int(distance) + 1 }
        do throws(TokenFailure) {
            var token: MintedToken
            switch auth.mint {
            case .jwt(let recipe):
                let facts = TokenFacts(
                    now: now, subject: subject, tenant: tenant, lifetime: lifetime,
                    claims: (known?.claims.members ?? []) + arguments.claims, without: arguments.without,
                    header: arguments.header)
                let made = try self.forge(recipe).token(arguments.kind, facts)
                token = MintedToken(text: made.text, expires: made.expires)
            case let source:
                token = MintedToken(
                    text: try await self.foreign(source, arguments, subject, tenant, known?.token), expires: nil)
            }
            token.subject = subject
            token.tenant = tenant
            self.session.writer.redaction.hide(token.text, as: "token:\(arguments.name)")
            return token
        } catch {
            throw self.problem(.undeclared, "no token can be made: \(error)", nil, place)
        }
    }

    private func forge(_ recipe: Profile.JWT) throws(TokenFailure) -> TokenForge {
        var key: String?
        if let file = recipe.privateKey {
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw TokenFailure(message: "the key \(file) cannot be read")
            }
            key = text
        }
        let secret = recipe.secret.map { Placeholders.fill($0, ["auth.secret": self.target.secret ?? ""]) }
        if let secret { self.session.writer.redaction.hide(secret, as: "signing-secret") }
        return try TokenForge(recipe, secret: secret, privateKey: key)
    }

    /// A token of somebody else's making. Some kinds of broken tokens can be made of any right one.
    private func foreign(
        _ source: Profile.Mint?, _ arguments: MintArguments, _ subject: String, _ tenant: String?, _ ready: String?
    ) async throws(TokenFailure) -> String {
        let kind = arguments.kind
        if kind == .garbage { return "this is no token" }
        let values = ["subject": subject, "tenant": tenant ?? "", "kind": kind.rawValue]
        switch source {
        case .table(let table):
            let names = [tenant.map { "\($0)/\(subject)" }, subject].compactMap { $0 }
            if kind != .valid, let text = names.compactMap({ table["\($0)/\(kind.rawValue)"] }).first { return text }
            guard let text = names.compactMap({ table[$0] }).first else {
                throw TokenFailure(message: "auth.mint.table has no token for \(subject)")
            }
            return try BrokenToken.make(kind, of: text)
        case .command(let words):
            let knowsKind = words.contains { $0.contains("{{kind}}") }
            let output = await ShortCommand.run(words.map { Placeholders.fill($0, values) }, within: .seconds(10))
            guard let output, output.status == 0, !output.text.isEmpty else {
                throw TokenFailure(
                    message: "auth.mint.command gave no token: \(output?.text.prefix(200) ?? "no answer")")
            }
            return try knowsKind ? output.text : BrokenToken.make(kind, of: output.text)
        case .http(let recipe):
            let knowsKind = (recipe.url + recipe.json.text).contains("{{kind}}")
            let text = try await self.fetchToken(recipe, values)
            return try knowsKind ? text : BrokenToken.make(kind, of: text)
        case .jwt, nil:
            guard let ready else { throw TokenFailure(message: "the profile has no token for \(subject)") }
            return try BrokenToken.make(kind, of: ready)
        }
    }

    private func fetchToken(
        _ recipe: Profile.HTTPMint, _ values: [String: String]
    ) async throws(TokenFailure) -> String {
        var url = Placeholders.fill(recipe.url, values)
        if url.hasPrefix("/") {
            guard let endpoint = self.target.endpoints["http"] ?? self.target.endpoints["transport-ws"] else {
                throw TokenFailure(message: "auth.mint.http.url is a path, and there is no endpoint for it")
            }
            url = endpoint.url(path: url)
        }
        let headers = recipe.headers.map { HTTPHeader(name: $0.name, value: Placeholders.fill($0.value, values)) }
        let body = recipe.json == .null ? nil : Array(recipe.json.replacing(values).text.utf8)
        let answer = await TransferEngine.shared.whole(
            TransferRequest(
                method: recipe.method, url: url,
                headers: headers + (body == nil ? [] : [HTTPHeader(name: "Content-Type", value: "application/json")]),
                body: body, tls: self.target.declared.tls))
        guard let head = answer.head, (200..<300).contains(head.status) else {
            throw TokenFailure(message: "auth.mint.http was answered with \(answer.head?.status ?? 0)")
        }
        if recipe.tokenAt.isEmpty { return String(decoding: answer.body, as: UTF8.self) }
        guard let text = (try? JSONParser.parse(answer.body))?.at(recipe.tokenAt)?.stringValue else {
            throw TokenFailure(message: "there is no \(recipe.tokenAt) in the answer of auth.mint.http")
        }
        return text
    }

    // MARK: Revoking

    /// Has the profile's program take a token back; a program that fails proves nothing about the server.
    func revoke(_ name: String, _ place: String) async throws(Abort) {
        guard let command = self.target.declared.auth?.revoke, !command.isEmpty else {
            throw self.problem(.undeclared, "the profile does not say how a token is revoked", nil, place)
        }
        guard let token = self.session.token(name) else {
            throw self.problem(.harness, "no token was minted as `\(name)`", nil, place)
        }
        var values = self.target.placeholders
        values["token"] = token.text
        values["token_id"] = Self.tokenID(token.text) ?? ""
        values["subject"] = token.subject
        values["tenant"] = token.tenant ?? ""
        let output = await ShortCommand.run(command.map { Placeholders.fill($0, values) }, within: .seconds(10))
        guard let output, output.status == 0 else {
            throw self.problem(
                .precondition, "the token was not revoked: \(output?.text.prefix(200) ?? "the command did not end")",
                nil, place)
        }
    }

    /// `jti` (RFC 7519 §4.1.7); nil of what is no JSON Web Token or has none.
    private static func tokenID(_ token: String) -> String? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let claims = Base64.decodeFromURL(String(parts[1])) else { return nil }
        return (try? JSONParser.parse(claims))?["jti"]?.stringValue
    }

    // MARK: Carrying

    /// Who the runner is when nothing is said: whom the profile names, the subject `default`, or the first by name.
    var defaultSubject: String? {
        let auth = self.target.declared.auth
        if let named = auth?.defaultSubject { return named == "none" ? nil : named }
        let subjects = auth?.subjects ?? [:]
        return subjects["default"] != nil ? "default" : subjects.keys.sorted().first
    }

    /// The token by the name of a `mint`, or of a subject; nil if none is to be carried.
    ///
    /// - Parameter name: Nil for the default subject, `none` for no token.
    func token(_ name: String?, tenant: String? = nil, _ place: String) async throws(Abort) -> MintedToken? {
        guard let auth = self.target.declared.auth, name != "none" else { return nil }
        if let name, let minted = self.session.token(name) { return minted }
        // Who acts for a tenant has to be somebody, also where the runner is nobody otherwise.
        guard let subject = name ?? self.defaultSubject ?? (tenant == nil ? nil : "gqlconform") else { return nil }
        if name != nil, auth.subjects[subject] == nil, !auth.subjects.isEmpty {
            throw self.problem(.harness, "no token was minted as `\(subject)`, and no subject is called so", nil, place)
        }
        let key = "~\(subject) \(tenant ?? "")"
        if let minted = self.session.token(key) { return minted }
        let token = try await self.make(
            MintArguments(
                name: subject, kind: .valid, subject: subject, tenant: tenant, lifetime: nil, claims: [], without: [],
                header: []), place)
        self.session.save(token: token, as: key)
        return token
    }

    /// Where the tokens of a transport are put; nil if it carries none.
    private func carrier(of transport: String) -> Profile.Carrier? {
        let carry = self.target.declared.auth?.carry ?? [:]
        switch transport {
        case "sse-single": return carry["sse-single"] ?? carry["sse"] ?? carry["http"]
        case "sse": return carry["sse"] ?? carry["http"]
        case "http": return carry["http"] ?? carry["sse"]
        default: return carry[transport]
        }
    }

    private func carried(_ token: String) -> String {
        Placeholders.fill(self.target.declared.auth?.format ?? "{{token}}", ["token": token])
    }

    /// Puts a token into the request of a connection, or into the payload of its init.
    func carry(
        _ token: MintedToken?, in arguments: ConnectArguments, payload: JSON?
    ) -> (arguments: ConnectArguments, payload: JSON?) {
        guard let token, let carrier = self.carrier(of: arguments.transport) else { return (arguments, payload) }
        var arguments = arguments
        arguments.identity = (token.subject, token.tenant)
        var payload = payload
        let value = self.carried(token.text)
        switch carrier {
        case .initPayload(let path):
            // A payload that is no object is meant to be what it is.
            if payload?.members != nil || payload == nil {
                payload = (payload ?? .object([])).setting(
                    .string(value), at: path.split(separator: ".").map(String.init))
            }
        case .header(let name): Self.add(name, value, to: &arguments.headers)
        case .cookie(let name): Self.add("Cookie", "\(name)=\(value)", to: &arguments.headers)
        case .query(let name): arguments.parameters.append((name, value))
        case .subprotocol(let prefix):
            arguments.offer = (arguments.offer ?? [Subprotocol.token(of: arguments.transport)]) + [prefix + value]
        }
        return (arguments, payload)
    }

    /// The payload of an init with a token in it; as it is where the transport carries tokens elsewhere.
    func carry(_ token: MintedToken, over transport: String, _ payload: JSON?) -> JSON? {
        guard case .initPayload(let path) = self.carrier(of: transport), payload?.members != nil || payload == nil
        else {
            return payload
        }
        return (payload ?? .object([])).setting(
            .string(self.carried(token.text)), at: path.split(separator: ".").map(String.init))
    }

    /// Puts a token into a single request.
    func carry(_ token: MintedToken?, in arguments: HTTPArguments) -> HTTPArguments {
        let transport =
            arguments.endpoint == "transport-ws" || arguments.endpoint == "legacy-ws" ? "http" : arguments.endpoint
        guard let token, let carrier = self.carrier(of: transport) else { return arguments }
        var arguments = arguments
        arguments.identity = (token.subject, token.tenant)
        let value = self.carried(token.text)
        switch carrier {
        case .header(let name): Self.add(name, value, to: &arguments.headers)
        case .cookie(let name): Self.add("Cookie", "\(name)=\(value)", to: &arguments.headers)
        case .query(let name): arguments.parameters.append((name, value))
        case .initPayload, .subprotocol: break
        }
        return arguments
    }

    /// The scenario's own header of that name wins.
    private static func add(_ name: String, _ value: String, to headers: inout [(name: String, values: [String])]) {
        guard !headers.contains(where: { $0.name.lowercased() == name.lowercased() }) else { return }
        headers.append((name, [value]))
    }
}

extension JSON {
    /// The object with a value at a path of member names.
    func setting(_ value: JSON, at path: [String]) -> JSON {
        guard let first = path.first else { return value }
        var members = self.members ?? []
        let inner = self[first] ?? .object([])
        members.removeAll { $0.name == first }
        members.append(.init(first, inner.setting(value, at: Array(path.dropFirst()))))
        return .object(members)
    }
}
