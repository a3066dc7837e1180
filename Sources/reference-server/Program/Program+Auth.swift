import Foundation
import Logging
import NIOCore
import ReferenceDomains
import SubscriptionProtocols
import SubscriptionServer
import TokenVerification

// Who is let in.
extension Program {
    /// What the start line says about who is let in.
    static func access(_ settings: Settings) -> String {
        guard settings.auth.isOn else { return "open to everybody" }
        return settings.auth.anonymous == .allow ? "tokens verified, anonymous allowed" : "tokens verified"
    }

    /// What the server sees to while clients are connected.
    ///
    /// - Throws: `Settings.UsageError` for origins that are none.
    static func accessPolicy(_ settings: Settings) throws -> AccessPolicy {
        var policy = AccessPolicy()
        policy.tokenExpiry = settings.auth.tokenExpiry
        do throws(OriginPolicy.Unusable) {
            policy.origins = try OriginPolicy(allowing: AuthOptions.list(settings.auth.allowedOrigins))
        } catch {
            throw Settings.UsageError(description: "--allowed-origins: \(error)")
        }
        return policy
    }

    /// The book of revocations, where tokens are verified.
    static func book(_ settings: Settings) -> RevocationBook? {
        guard settings.auth.isOn else { return nil }
        let book = RevocationBook()
        if settings.bus == .memory {
            // Nobody can have written into it before this process began.
            book.finishReading([])
        }
        return book
    }

    /// Not ready before it is known who is revoked.
    static func probes(of book: RevocationBook?) -> [ReadinessProbe] {
        book.map { book in [ReadinessProbe("revocations") { book.isRead ? nil : "not read yet" }] } ?? []
    }

    /// Keeps the book of revocations up to date.
    static func revocations(
        _ settings: Settings, bus: BusService, book: RevocationBook, logger: Logger
    ) -> RevocationService<ContinuousClock> {
        var service = RevocationService(
            register: RevocationRegister(store: bus.store, bus: bus.plain, prefix: settings.channelPrefix), book: book,
            clock: ContinuousClock(), logger: logger)
        service.rereads = settings.mutant != .revocationMissedWhileAway
        return service
    }

    /// - Parameter keys: What tokens are verified with; nil where everybody is let in.
    static func gate(
        _ settings: Settings, keys: ReloadableKeys?, revocations: RevocationBook?
    ) -> any ConnectionGate {
        let gate: any ConnectionGate =
            keys.map { self.tokenGate(settings, $0, revocations) } ?? OpenGate(tenant: settings.defaultTenant)
        return settings.testMode ? TestGate(clock: ContinuousClock(), before: gate) : gate
    }

    private static func tokenGate(
        _ settings: Settings, _ keys: ReloadableKeys, _ revocations: RevocationBook?
    ) -> TokenGate {
        let options = settings.auth
        let policy = TokenPolicy(
            algorithms: options.jwtAlgorithms, issuers: Set(AuthOptions.list(options.jwtIssuer)),
            audiences: Set(AuthOptions.list(options.jwtAudience)),
            leeway: Double(options.jwtLeeway.nanoseconds) / 1e9, faults: TokenFaults(settings.mutant))
        let isAhead = settings.mutant == .clockAhead
        let verifier = TokenVerifier(keys: keys, policy: policy) { WallClock.now() + (isAhead ? 86_400 : 0) }
        var gate = TokenGate(verifier: verifier)
        gate.anonymous = options.anonymous ?? .refuse
        gate.defaultTenant = settings.defaultTenant
        gate.faults = GateFaults(settings.mutant)
        gate.carriers.takesFirstField = settings.mutant == .firstHeaderFieldCounts
        gate.revocations = revocations
        return gate
    }

    /// The keys as the options have them, from files that are read now.
    ///
    /// - Throws: `Settings.UsageError` for keys that cannot be used.
    static func keys(_ options: AuthOptions, logger: Logger) async throws -> any KeySource {
        var fixed: [VerificationKey] = []
        if let path = options.jwtSecretFile {
            fixed.append(
                try await self.reading("--jwt-secret-file", path) { bytes throws(UnusableKey) in
                    try await .secret(KeyFile.secret(bytes), id: options.jwtKeyID)
                })
        }
        if let path = options.jwtPublicKey {
            fixed.append(
                try await self.reading("--jwt-public-key", path) { bytes throws(UnusableKey) in
                    try await .pem(String(decoding: bytes, as: UTF8.self), id: options.jwtKeyID)
                })
        }
        guard let published = options.keySet else {
            do {
                return FixedKeys(try KeySet(fixed))
            } catch {
                throw Settings.UsageError(description: "\(error)")
            }
        }
        return try await self.rotatingKeys(published, beside: fixed, logger: logger)
    }

    private static func rotatingKeys(
        _ location: String, beside fixed: [VerificationKey], logger: Logger
    ) async throws -> RotatingKeys {
        let fetch: @Sendable () async throws -> (bytes: [UInt8], isPrivate: Bool)
        if location.hasPrefix("http://") || location.hasPrefix("https://") {
            let client = KeySetClient(location)
            fetch = { (try await client.fetch(), false) }
        } else {
            // A set that cannot be used now is a mistake; later it may be half written.
            _ = try await self.reading("--jwks", location) { bytes throws(UnusableKey) in
                try await JSONWebKeySet.read(bytes, allowsSecrets: true)
            }
            fetch = { (try KeyFile.read(location), true) }
        }
        return RotatingKeys(
            now: { ContinuousClock.Seconds.now },
            onFailure: { logger.record(.keysUnreadable(error: "\($0)")) },
            fetch: {
                let (bytes, isPrivate) = try await fetch()
                return try KeySet(try await JSONWebKeySet.read(bytes, allowsSecrets: isPrivate).keys + fixed)
            })
    }

    /// What a file holds.
    ///
    /// - Throws: `Settings.UsageError` that names the option, for files that cannot be read or used.
    private static func reading<Value: Sendable>(
        _ option: String, _ path: String, _ use: ([UInt8]) async throws(UnusableKey) -> Value
    ) async throws -> Value {
        do {
            return try await use(try KeyFile.read(path))
        } catch {
            throw Settings.UsageError(description: "\(option): \(path): \(error)")
        }
    }
}

extension ContinuousClock {
    /// The clock as a number.
    enum Seconds {
        private static let origin = ContinuousClock.now

        /// Seconds since this was first read; never goes back.
        static var now: Double {
            let (seconds, attoseconds) = (ContinuousClock.now - self.origin).components
            return Double(seconds) + Double(attoseconds) / 1e18
        }
    }
}
