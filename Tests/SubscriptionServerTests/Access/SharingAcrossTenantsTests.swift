import GraphQLCore
import SubscriptionProtocols
import Testing

@testable import SubscriptionServer

/// Executed events are shared between subscribers with equal documents, ids and variables; what must differ is whose
/// they are.
@Suite("Sharing and tenants", .timeLimit(.minutes(1)))
struct SharingAcrossTenantsTests {
    private static let subscribe =
        #"{"id":"1","type":"subscribe","payload":{"query":"subscription { shared(name: \"t\") }"}}"#

    /// How many sources serve two clients who ask for the same.
    private func sources(_ users: [String], _ misbehaviour: Misbehaviour? = nil) async throws -> Int {
        try await TestServer.run(misbehaviour: misbehaviour) { server in
            try await server.ready(["user": .string(users[0])]) { one in
                try await one.send(Self.subscribe)
                await server.stage.wait(untilActive: "t", is: 1)
                return try await server.ready(["user": .string(users[1])]) { two in
                    try await two.send(Self.subscribe)
                    // Behind the subscription on the same socket; when it is answered, that has joined its source.
                    try await two.send(#"{"id":"2","type":"subscribe","payload":{"query":"{ hello }"}}"#)
                    _ = try await two.text()
                    _ = try await two.text()
                    return server.metrics.openSources
                }
            }
        }
    }

    @Test("Clients with one identity share a source, others do not, unless the server is broken so")
    func identities() async throws {
        #expect(try await self.sources(["acme ada", "acme ada"]) == 1)
        #expect(try await self.sources(["acme ada", "globex ada"]) == 2)
        #expect(try await self.sources(["acme ada", "globex ada"], .sourcesSharedAcrossTenants) == 1)
    }
}
