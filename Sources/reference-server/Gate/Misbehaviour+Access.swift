import ReferenceDomains
import SubscriptionProtocols
import TokenVerification

// Which part of the server a mutant breaks; the other parts of it stay whole.

extension TokenFaults {
    /// What a mutant does wrong in verifying tokens.
    init(_ misbehaviour: Misbehaviour?) {
        self =
            switch misbehaviour {
            case .tokenSignatureUnchecked: .signatureUnchecked
            case .algorithmNoneAccepted: .noneAccepted
            case .algorithmConfused: .algorithmConfused
            case .expiredTokenAccepted: .expiryIgnored
            case .tokenWithoutExpiryAccepted: .expiryOptional
            case .notBeforeIgnored: .notBeforeIgnored
            case .issuedInFutureAccepted: .issueTimeIgnored
            case .audienceIgnored: .audienceIgnored
            case .issuerIgnored: .issuerIgnored
            case .keyFallBack: .keyFallBack
            case .tokenWithoutTenantAccepted: .tenantOptional
            default: []
            }
    }
}

extension GateFaults {
    /// What a mutant does wrong in letting clients in.
    init(_ misbehaviour: Misbehaviour?) {
        self =
            switch misbehaviour {
            case .badTokenIsNone: .badTokenIsNone
            case .nextCarrierAfterBadToken: .nextCarrierAfterBadToken
            case .requestsUngated: .requestsUngated
            case .identityOfLastClient: .identityOfLastClient
            case .permissionsUnchecked: .permissionsUnchecked
            case .tenantFromPayload: .tenantFromPayload
            case .tenantFromHeader: .tenantFromHeader
            case .revocationIgnored: .revocationIgnored
            case .tenantClaimIgnored: .tenantClaimIgnored
            default: []
            }
    }
}

extension DomainFaults {
    /// What a mutant does wrong in the domains.
    init(_ misbehaviour: Misbehaviour?) {
        self =
            switch misbehaviour {
            case .tenantFromArgument: .tenantFromArgument
            case .deliveryUnchecked: .deliveryUnchecked
            case .existenceTold: .existenceTold
            case .customerOwnerUnchecked: .customerOwnerUnchecked
            case .customerBadMessageEnds: .customerBadMessageEnds
            case .customerPublishUnchecked: .customerPublishUnchecked
            case .serviceFilterIgnored: .serviceFilterIgnored
            case .serviceFailurePublished: .serviceFailurePublished
            case .serviceDeletionUntold: .serviceDeletionUntold
            case .ticketFilterIgnored: .ticketFilterIgnored
            case .ticketVisibilityIgnored: .ticketVisibilityIgnored
            case .ticketTeamOpen: .ticketTeamOpen
            case .ticketDeletedGoesOn: .ticketDeletedGoesOn
            case .documentDeletionUntold: .documentDeletionUntold
            case .queryNeverCompletes: .queryNeverCompletes
            case .queryFailureCompletes: .queryFailureCompletes
            case .chatSessionIgnored: .chatSessionIgnored
            case .operationsResumeIgnored: .operationsResumeIgnored
            case .operationsTypesIgnored: .operationsTypesIgnored
            case .operationsHeartbeatMissing: .operationsHeartbeatMissing
            case .operationsCommandUnchecked: .operationsCommandUnchecked
            case .operationsJobsMixed: .operationsJobsMixed
            case .operationsCommandUnanswered: .operationsCommandUnanswered
            case .idsCleaned: .idsCleaned
            default: []
            }
    }
}
