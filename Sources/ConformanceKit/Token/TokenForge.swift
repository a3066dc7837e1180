import COpenSSL

/// Signs tokens (RFC 7515, RFC 7519), right ones and every kind of broken ones.
package struct TokenForge: Sendable {
    private let recipe: Profile.JWT
    private let secret: [UInt8]
    private let key: SigningKey?

    /// - Parameter privateKey: In PEM; nil for HMAC.
    package init(_ recipe: Profile.JWT, secret: String?, privateKey: String?) throws(TokenFailure) {
        self.recipe = recipe
        self.secret = Array((secret ?? "").utf8)
        if let privateKey {
            self.key = try SigningKey(pem: privateKey)
        } else {
            self.key = nil
        }
    }

    private var isHMAC: Bool { self.recipe.algorithm.hasPrefix("HS") }

    /// A token and the time of its `exp` in seconds since 1970; nil if it has none.
    package func token(
        _ kind: TokenKind, _ facts: TokenFacts
    ) throws(TokenFailure) -> (text: String, expires: Int?) {
        let claims = self.claims(kind, facts)
        let expires = claims.last { $0.name == "exp" }?.value.intValue
        if kind == .garbage { return ("this is no token", nil) }
        var algorithm = self.recipe.algorithm
        var header = self.recipe.header.members ?? []
        var keyID = self.recipe.keyID.map { JSON.string($0) }
        switch kind {
        case .algNone: algorithm = "none"
        case .algNoneSpelled: algorithm = "nOnE"
        case .algConfusion, .keyIDPath: algorithm = "HS256"
        default: break
        }
        if kind == .unknownKeyID { keyID = .string("no-such-key-\(facts.now)") }
        if kind == .keyIDPath { keyID = .string("../../../../../../../../dev/null") }
        Self.set("typ", .string("JWT"), in: &header)
        Self.set("alg", .string(algorithm), in: &header)
        if let keyID { Self.set("kid", keyID, in: &header) }
        let ownKey = kind == .otherKey || kind == .ownKey ? try self.foreignKey() : nil
        if kind == .ownKey { Self.set("jwk", Self.publicKey, in: &header) }
        for member in facts.header { Self.set(member.name, member.value, in: &header) }
        let signed = Self.part(header) + "." + Self.part(claims)
        let signature = try self.signature(kind, Array(signed.utf8), ownKey)
        let body = kind == .tampered ? Self.part(header) + "." + Self.part(self.changed(claims)) : signed
        return (body + "." + Base64.encodeForURL(signature), expires)
    }

    // MARK: Parts

    private static func part(_ members: [JSON.Member]) -> String {
        Base64.encodeForURL(Array(JSON.object(members).text.utf8))
    }

    private static func set(_ name: String, _ value: JSON, in members: inout [JSON.Member]) {
        members.removeAll { $0.name == name }
        members.append(.init(name, value))
    }

    private func claims(_ kind: TokenKind, _ facts: TokenFacts) -> [JSON.Member] {
        let lifetime = facts.lifetime ?? Int(self.recipe.lifetime / 1_000_000_000)
        var issued = facts.now
        var notBefore = facts.now
        var expires = facts.now + lifetime
        switch kind {
        // Far beyond every tolerance for clocks that differ.
        case .expired:
            issued -= 7_200
            notBefore = issued
            expires = facts.now - 3_600
        case .notYetValid:
            notBefore += 3_600
            expires += 7_200
        default: break
        }
        let tenant = kind == .withoutTenant ? nil : facts.tenant
        let values: [String: JSON] = [
            "subject": .string(facts.subject), "tenant": tenant.map { .string($0) } ?? .null,
            "issued": .int(issued), "not_before": .int(notBefore), "expires": .int(expires),
            "token_id": .string("\(facts.now)-\(UInt64.random(in: 0 ... .max))"),
        ]
        var claims = self.recipe.claims.filling(values).members ?? []
        // A claim of a tenant for somebody without one is no claim.
        if tenant == nil { claims.removeAll { $0.value == .null } }
        switch kind {
        case .expired: Self.set("exp", .int(expires), in: &claims)
        case .notYetValid: Self.set("nbf", .int(notBefore), in: &claims)
        case .wrongAudience: Self.set("aud", .string("somebody-else"), in: &claims)
        case .wrongIssuer: Self.set("iss", .string("https://somebody-else.example"), in: &claims)
        case .neverExpires: claims.removeAll { $0.name == "exp" }
        case .withoutSubject: claims.removeAll { $0.name == "sub" }
        case .issuedInFuture: Self.set("iat", .int(issued + 3_600), in: &claims)
        case .expiryAsText: Self.set("exp", .string("\(expires)"), in: &claims)
        default: break
        }
        for member in facts.claims { Self.set(member.name, member.value, in: &claims) }
        claims.removeAll { facts.without.contains($0.name) }
        return claims
    }

    /// The same claims for somebody else.
    private func changed(_ claims: [JSON.Member]) -> [JSON.Member] {
        var claims = claims
        Self.set("sub", .string("intruder"), in: &claims)
        return claims
    }

    // MARK: Signing

    private func foreignKey() throws(TokenFailure) -> SigningKey? {
        self.isHMAC ? nil : try SigningKey.generate(for: self.recipe.algorithm)
    }

    /// A key that a server must not take from a token.
    private static let publicKey = JSON.object([
        .init("kty", .string("oct")), .init("k", .string("c29tZWJvZHktZWxzZQ")), .init("alg", .string("HS256")),
    ])

    private func signature(
        _ kind: TokenKind, _ message: [UInt8], _ ownKey: SigningKey?
    ) throws(TokenFailure) -> [UInt8] {
        switch kind {
        case .algNone, .algNoneSpelled, .emptySignature: return []
        case .keyIDPath: return try SigningKey.hmac(message, key: [], algorithm: "HS256")
        case .algConfusion:
            guard let key = self.key else {
                throw TokenFailure(message: "alg-confusion needs a key with a public half")
            }
            return try SigningKey.hmac(message, key: Array(key.publicPEM.utf8), algorithm: "HS256")
        case .otherKey, .ownKey:
            if let ownKey { return try ownKey.sign(message, algorithm: self.recipe.algorithm) }
            return try SigningKey.hmac(message, key: Array("somebody-else".utf8), algorithm: self.recipe.algorithm)
        default:
            if self.isHMAC {
                return try SigningKey.hmac(message, key: self.secret, algorithm: self.recipe.algorithm)
            }
            guard let key = self.key else {
                throw TokenFailure(message: "\(self.recipe.algorithm) needs a private key")
            }
            return try key.sign(message, algorithm: self.recipe.algorithm)
        }
    }
}

extension Base64 {
    /// RFC 4648 §5, without padding.
    static func encodeForURL(_ bytes: [UInt8]) -> String {
        String(
            self.encode(bytes).compactMap { character -> Character? in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }
}

extension JSON {
    /// The value with `{{name}}` in every string filled in; a string that is only a template becomes the value itself.
    func filling(_ values: [String: JSON]) -> JSON {
        switch self {
        case .string(let text):
            guard text.contains("{{") else { return self }
            if text.hasPrefix("{{"), text.hasSuffix("}}"), let value = values[String(text.dropFirst(2).dropLast(2))] {
                return value
            }
            var filled = text
            for (name, value) in values { filled = filled.replacing("{{\(name)}}", with: value.plainText) }
            return .string(filled)
        case .array(let items): return .array(items.map { $0.filling(values) })
        case .object(let members): return .object(members.map { .init($0.name, $0.value.filling(values)) })
        default: return self
        }
    }
}
