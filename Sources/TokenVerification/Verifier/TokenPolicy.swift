/// Which tokens are accepted, beside having a good signature.
package struct TokenPolicy: Sendable, Equatable {
    /// The algorithms that may be used at all.
    package var algorithms: Set<TokenAlgorithm>
    /// Who may have issued it (`iss`); empty for anybody whose key it is.
    package var issuers: Set<String>
    /// For whom it may be (`aud`): one of these has to be among its audiences. When there are none here, a token that
    /// is made out to somebody is refused, since that somebody is not us (RFC 7519 §4.1.3).
    package var audiences: Set<String>
    /// Seconds by which clocks may differ: `exp` counts that much later, `nbf` and `iat` that much earlier.
    package var leeway: Double
    /// The longest token, in bytes, inclusive.
    package var maximumBytes: Int
    /// What is done wrong on purpose.
    package var faults: TokenFaults

    package init(
        algorithms: Set<TokenAlgorithm> = Set(TokenAlgorithm.allCases), issuers: Set<String> = [],
        audiences: Set<String> = [], leeway: Double = 5, maximumBytes: Int = 8 << 10, faults: TokenFaults = []
    ) {
        self.algorithms = algorithms
        self.issuers = issuers
        self.audiences = audiences
        self.leeway = leeway
        self.maximumBytes = maximumBytes
        self.faults = faults
    }

    /// What the claims say.
    ///
    /// - Parameter now: Seconds since 1970.
    func check(_ claims: TokenClaims, at now: Double) throws(TokenRejection) -> VerifiedToken {
        try self.checkTimes(claims, at: now)
        if !self.issuers.isEmpty, !self.faults.contains(.issuerIgnored) {
            guard let issuer = claims.iss, self.issuers.contains(issuer) else { throw .issuerWrong }
        }
        try self.checkAudience(claims.aud?.values)
        guard let user = claims.sub, !user.isEmpty else { throw .subjectMissing }
        let tenant = claims.tenant ?? (self.faults.contains(.tenantOptional) ? "public" : "")
        guard !tenant.isEmpty else { throw .tenantMissing }
        guard Self.isUsable(tenant: tenant) else { throw .tenantUnusable }
        return VerifiedToken(
            user: user, tenant: tenant, name: claims.name, roles: Set(claims.roles ?? []),
            permissions: Set(claims.permissions ?? []), teams: Set(claims.teams ?? []), tokenID: claims.jti,
            expiry: claims.exp ?? .greatestFiniteMagnitude)
    }

    private func checkTimes(_ claims: TokenClaims, at now: Double) throws(TokenRejection) {
        if let expiry = claims.exp {
            // §4.1.4: on or after that time it must not be accepted.
            guard now < expiry + self.leeway || self.faults.contains(.expiryIgnored) else { throw .expired }
        } else if !self.faults.contains(.expiryOptional) {
            throw .expiryMissing
        }
        if let notBefore = claims.nbf, now < notBefore - self.leeway, !self.faults.contains(.notBeforeIgnored) {
            throw .notYetValid
        }
        if let issued = claims.iat, now < issued - self.leeway, !self.faults.contains(.issueTimeIgnored) {
            throw .issuedInFuture
        }
    }

    private func checkAudience(_ audiences: [String]?) throws(TokenRejection) {
        guard !self.faults.contains(.audienceIgnored) else { return }
        guard let audiences else {
            if !self.audiences.isEmpty { throw .audienceWrong }
            return
        }
        guard !self.audiences.isDisjoint(with: audiences) else { throw .audienceWrong }
    }

    /// The rules of a part of a channel's name: 1 to 128 bytes, none that separates parts, matches others or breaks a
    /// line.
    static func isUsable(tenant: String) -> Bool {
        let reserved = Array(":*?[]\\".utf8)
        return (1...128).contains(tenant.utf8.count)
            && tenant.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && !reserved.contains($0) }
    }
}
