/// Verifies tokens: JSON Web Tokens with a signature (RFC 7519 §7.2), and nothing else.
package struct TokenVerifier: Sendable {
    private let source: any KeySource
    /// Which tokens are accepted.
    package let policy: TokenPolicy
    private let now: @Sendable () -> Double

    /// - Parameter now: Seconds since 1970.
    package init(keys: any KeySource, policy: TokenPolicy, now: @escaping @Sendable () -> Double) {
        self.source = keys
        self.policy = policy
        self.now = now
    }

    /// What the token says, once everything about it was found good.
    package func verify(_ token: String) async throws(TokenRejection) -> VerifiedToken {
        guard token.utf8.count <= self.policy.maximumBytes else { throw .tooLarge }
        guard let parts = TokenParts(Array(token.utf8)), let header = TokenHeader(json: parts.header) else {
            throw .malformed
        }
        guard header.isPlain else { throw .extensionUnknown }
        try await self.checkSignature(parts, header)
        guard let claims = TokenClaims(json: parts.payload) else { throw .claimsMalformed }
        return try self.policy.check(claims, at: self.now())
    }

    private func checkSignature(_ parts: TokenParts, _ header: TokenHeader) async throws(TokenRejection) {
        let faults = self.policy.faults
        if header.alg == "none", faults.contains(.noneAccepted) { return }
        guard let algorithm = TokenAlgorithm(rawValue: header.alg), self.policy.algorithms.contains(algorithm) else {
            throw .algorithmRefused
        }
        let key = try await self.key(for: header, algorithm)
        if faults.contains(.signatureUnchecked) { return }
        if algorithm != key.algorithm, key.isConfused(by: parts.signature, of: parts.signed) { return }
        guard algorithm == key.algorithm, key.verifies(parts.signature, of: parts.signed) else {
            throw .signatureInvalid
        }
    }

    private func key(for header: TokenHeader, _ algorithm: TokenAlgorithm) async throws(TokenRejection)
        -> VerificationKey
    {
        var set: KeySet
        do throws(UnusableKey) {
            set = try await self.source.keys()
        } catch {
            throw .keysUnavailable
        }
        var choice = set.choose(id: header.kid, algorithm: algorithm)
        if case .unknown = choice, let newer = await self.source.newerKeys() {
            set = newer
            choice = newer.choose(id: header.kid, algorithm: algorithm)
        }
        switch choice {
        case .key(let key): return key
        case .unknown:
            guard self.policy.faults.contains(.keyFallBack),
                let other = set.keys.first(where: { $0.algorithm == algorithm })
            else { throw .keyUnknown }
            return other
        case .notNamed: throw .keyNotNamed
        case .otherAlgorithm:
            guard self.policy.faults.contains(.algorithmConfused), let other = set.keys.first else {
                throw .algorithmOfOtherKey
            }
            return other
        }
    }
}
