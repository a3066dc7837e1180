import ReferenceDomains
import SubscriptionProtocols
import TestSupport
import Testing
import TokenVerification

@testable import reference_server

@Suite("Mutants of tokens, tenants and pages", .timeLimit(.minutes(2)))
struct AccessMutantTests {
    /// Those that the gate, the verifier or the domains carry out; the rest is the server's.
    private static let inside: [Misbehaviour] = [
        .tokenSignatureUnchecked, .algorithmNoneAccepted, .algorithmConfused, .expiredTokenAccepted,
        .tokenWithoutExpiryAccepted, .notBeforeIgnored, .issuedInFutureAccepted, .audienceIgnored, .issuerIgnored,
        .keyFallBack, .tokenWithoutTenantAccepted, .badTokenIsNone, .nextCarrierAfterBadToken, .requestsUngated,
        .identityOfLastClient, .permissionsUnchecked, .tenantFromPayload, .tenantFromHeader, .revocationIgnored,
        .tenantFromArgument, .deliveryUnchecked, .existenceTold, .tenantClaimIgnored, .idsCleaned,
        .customerOwnerUnchecked,
        .customerBadMessageEnds,
        .customerPublishUnchecked,
        .serviceFilterIgnored,
        .serviceFailurePublished,
        .serviceDeletionUntold,
        .ticketFilterIgnored,
        .ticketVisibilityIgnored,
        .ticketTeamOpen,
        .ticketDeletedGoesOn,
        .documentDeletionUntold,
        .queryNeverCompletes,
        .queryFailureCompletes,
        .chatSessionIgnored,
        .operationsResumeIgnored,
        .operationsTypesIgnored,
        .operationsHeartbeatMissing,
        .operationsCommandUnchecked, .operationsCommandUnanswered,
        .operationsJobsMixed,
    ]

    @Test("Each breaks one part, and nobody else breaks that", arguments: Misbehaviour.allCases)
    func parts(mutant: Misbehaviour) {
        let broken = [
            !TokenFaults(mutant).isEmpty, !GateFaults(mutant).isEmpty, !DomainFaults(mutant).isEmpty,
        ].count { $0 }
        #expect(broken == (Self.inside.contains(mutant) ? 1 : 0))
    }

    @Test("Without a mutant nothing is broken")
    func none() {
        #expect(TokenFaults(nil).isEmpty)
        #expect(GateFaults(nil).isEmpty)
        #expect(DomainFaults(nil).isEmpty)
    }

    /// One attack, and what it looks like when it has succeeded.
    private struct Attack: Sendable {
        let mutant: String
        let fields: [String]
        let succeeds: @Sendable (_ status: Int, _ head: String, _ body: String) -> Bool
    }

    @Test("What shows over HTTP, and does not show on a whole server")
    func requests() async throws {
        let folder = try AuthTests.Folder()
        let secret = try folder.write("correct horse battery staple 0001", to: "secret")
        let good = try ServerProcess.run(["token", "--secret-file", secret, "--sub", "a", "--tenant", "b"]).output
        let isServed: @Sendable (Int, String, String) -> Bool = { status, _, body in
            status == 200 && body.contains("__typename")
        }
        let attacks = [
            Attack(mutant: "requests-ungated", fields: [], succeeds: isServed),
            Attack(mutant: "anonymous-fallback", fields: ["Authorization: Bearer x.y.z"], succeeds: isServed),
            Attack(
                mutant: "next-carrier-after-bad-token",
                fields: ["Authorization: Bearer x.y.z", "Cookie: access_token=\(good)"], succeeds: isServed),
            Attack(
                mutant: "token-signature-unchecked", fields: ["Authorization: Bearer \(good.dropLast(4))AAAA"],
                succeeds: isServed),
            Attack(
                mutant: "origin-ignored",
                fields: ["Authorization: Bearer \(good)", "Origin: https://evil.example"], succeeds: isServed),
            Attack(
                mutant: "origin-reflected",
                fields: ["Authorization: Bearer \(good)", "Origin: https://evil.example"],
                succeeds: { _, head, _ in head.contains("Access-Control-Allow-Origin: https://evil.example") }),
            Attack(
                mutant: "refusal-reason-told", fields: ["Authorization: Bearer \(good)x"],
                succeeds: { _, _, body in body.contains("signature") || body.contains("malformed") }),
            Attack(
                mutant: "challenge-missing", fields: [],
                succeeds: { status, head, _ in status == 401 && !head.contains("WWW-Authenticate") }),
        ]
        let arguments = ["--bus", "memory", "--test-mode", "--jwt-secret-file", secret]
        let whole = try await ServerProcess.start(arguments)
        for attack in attacks {
            let broken = try await ServerProcess.start(arguments + ["--mutant", attack.mutant])
            for (server, succeeds) in [(whole, false), (broken, true)] {
                let answer = try RawHTTP.exchange(
                    "POST", "/graphql", port: server.port, fields: attack.fields,
                    body: #"{"query":"{ __typename }"}"#)
                #expect(
                    attack.succeeds(answer.status, answer.head, answer.body) == succeeds,
                    "\(attack.mutant): \(answer.head) \(answer.body)")
            }
        }
    }
}
