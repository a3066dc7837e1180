import GraphQLCore
import ReferenceDomains
import SubscriptionServer
import Synchronization
import TokenVerification

/// Lets in who brings a good token, as whom the token says.
struct TokenGate: ConnectionGate {
    /// What becomes of clients that bring no token at all.
    enum Anonymous: String, Sendable, CaseIterable {
        /// They are let into the default tenant, without roles and permissions.
        case allow
        /// They are turned away.
        case refuse
    }

    let verifier: TokenVerifier
    var carriers = TokenCarriers()
    var anonymous = Anonymous.refuse
    /// The tenant of clients without a token.
    var defaultTenant = "public"
    /// What was revoked; nil where nothing can be.
    var revocations: RevocationBook?
    /// What is done wrong on purpose.
    var faults: GateFaults = []
    private let grants = GrantBook()
    private let last = LastAdmission()

    init(verifier: TokenVerifier) {
        self.verifier = verifier
    }

    func admit(initPayload: JSONObject?, handshake: HandshakeFacts) async throws -> ConnectionAdmission {
        let admission = try await self.admit(self.carriers.all(initPayload: initPayload, handshake))
        return self.faults.isEmpty ? admission : self.spoilt(admission, tenant: initPayload?["tenant_id"]?.stringValue)
    }

    func admit(request: HandshakeFacts) async throws -> ConnectionAdmission {
        if self.faults.contains(.requestsUngated) { return self.anonymousAdmission }
        let admission = try await self.admit(self.carriers.all(request))
        let tenant = request.values(of: "x-tenant-id").first
        return self.faults.contains(.tenantFromHeader) ? self.spoilt(admission, tenant: tenant) : admission
    }

    /// - Parameter findings: what the places hold that hold anything. Only the first counts.
    private func admit(_ findings: [TokenCarriers.Finding]) async throws -> ConnectionAdmission {
        guard let first = findings.first else {
            guard self.anonymous == .allow else { throw ConnectionRefusal(.unauthenticated, "no token") }
            return self.anonymousAdmission
        }
        do {
            return try await self.admit(first)
        } catch {
            if self.faults.contains(.badTokenIsNone) { return self.anonymousAdmission }
            guard self.faults.contains(.nextCarrierAfterBadToken), findings.count > 1 else { throw error }
            return try await self.admit(Array(findings.dropFirst()))
        }
    }

    private func admit(_ finding: TokenCarriers.Finding) async throws -> ConnectionAdmission {
        switch finding {
        case .unreadable(let place):
            throw ConnectionRefusal(.unauthenticated, "\(place): no bearer token")
        case .token(let text, let place):
            let token: VerifiedToken
            do throws(TokenRejection) {
                token = try await self.verifier.verify(text)
            } catch .keysUnavailable {
                throw ConnectionRefusal(.unavailable(retryAfter: 5), TokenRejection.keysUnavailable.rawValue)
            } catch {
                throw ConnectionRefusal(.unauthenticated, "\(place): \(error.rawValue)")
            }
            return try self.checkRevocations(self.admission(of: token), place)
        }
    }

    private func checkRevocations(_ admission: ConnectionAdmission, _ place: String) throws -> ConnectionAdmission {
        guard let revocations = self.revocations, !self.faults.contains(.revocationIgnored) else { return admission }
        guard revocations.isRead else {
            throw ConnectionRefusal(.unavailable(retryAfter: 5), "revocations not known yet")
        }
        guard !revocations.isRevoked(admission.principal) else {
            throw ConnectionRefusal(.unauthenticated, "\(place): revoked")
        }
        return admission
    }

    private var anonymousAdmission: ConnectionAdmission {
        ConnectionAdmission(
            context: Identity(tenant: self.defaultTenant), principal: Principal(tenant: self.defaultTenant))
    }

    private func admission(of token: VerifiedToken) -> ConnectionAdmission {
        let tenant = self.faults.contains(.tenantClaimIgnored) ? self.defaultTenant : token.tenant
        return ConnectionAdmission(
            context: self.grants.shared(
                Identity(
                    tenant: tenant, user: token.user, name: token.name, roles: token.roles,
                    permissions: token.permissions, teams: token.teams,
                    isUnrestricted: self.faults.contains(.permissionsUnchecked))),
            // It is taken for as long as the verifier would take it.
            principal: Principal(
                tenant: tenant, user: token.user, tokenID: token.tokenID,
                expiry: token.expiry + self.verifier.policy.leeway))
    }
}

// Only for gates with faults.
extension TokenGate {
    private final class LastAdmission: Sendable {
        let value = Mutex<ConnectionAdmission?>(nil)
    }

    /// As whom no client should be let in.
    private func spoilt(_ admission: ConnectionAdmission, tenant: String?) -> ConnectionAdmission {
        if self.faults.contains(.identityOfLastClient) {
            return self.last.value.withLock { last in
                defer { last = admission }
                return last ?? admission
            }
        }
        guard let tenant, !self.faults.isDisjoint(with: [.tenantFromPayload, .tenantFromHeader]),
            let identity = admission.context as? Identity
        else { return admission }
        var moved = admission
        moved.context = Identity(
            tenant: tenant, user: identity.user, name: identity.name, roles: identity.roles,
            permissions: identity.permissions, teams: identity.teams, isUnrestricted: identity.isUnrestricted)
        moved.principal.tenant = tenant
        return moved
    }
}
