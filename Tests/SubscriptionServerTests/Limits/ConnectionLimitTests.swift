import GraphQLCore
import TestSupport
import Testing

@testable import SubscriptionServer

/// Limits as clients of a server meet them.
@Suite(.timeLimit(.minutes(1))) struct ConnectionLimitTests {
    private static let full = "4429 Too many connections"

    /// Returns once nothing is taken below any limit.
    private func idle(_ server: TestServer) async throws {
        try await eventually("the place is free") { server.server.limiter.isIdle }
    }

    @Test(arguments: [LimitKind.connectionsPerServer, .connectionsPerPeer])
    func oneMoreSocketGets429BeforeTheUpgrade(kind: LimitKind) async throws {
        try await TestServer.run(configure: { configuration in
            configuration.limitPolicy.connectionsPerServer = kind == .connectionsPerServer ? 2 : nil
            configuration.limitPolicy.connectionsPerPeer = kind == .connectionsPerPeer ? 2 : nil
            configuration.limitPolicy.retryAfter = 7
        }) { server in
            try await server.open { _ in
                try await server.open { _ in
                    try await server.connect { wire in
                        try await wire.write(Wire.head(Wire.request))
                        let head = try await wire.head()
                        #expect(head.hasPrefix("HTTP/1.1 429 Too Many Requests\r\n"))
                        #expect(head.contains("\r\nRetry-After: 7\r\n"))
                    }
                    #expect(server.metrics.limitsInUse.value(kind) == 2)
                    #expect(server.metrics.limitRefusals.values.map(\.label) == [kind.rawValue])
                }
                try await eventually("the place is free") { server.metrics.limitsInUse.value(kind) == 1 }
                try await server.ready { wire in _ = try await wire.fence() }
            }
            try await self.idle(server)
        }
    }

    @Test(arguments: [LimitKind.connectionsPerTenant, .connectionsPerUser])
    func oneMoreConnectionIsClosedAfterInit(kind: LimitKind) async throws {
        let ann: JSONObject = ["tenant": "acme", "user": "ann"]
        let others: [JSONObject] =
            kind == .connectionsPerTenant
            ? [["tenant": "globex", "user": "ann"]]
            : [["tenant": "acme", "user": "bob"], ["tenant": "globex", "user": "ann"]]
        try await TestServer.run(configure: { configuration in
            configuration.limitPolicy.connectionsPerTenant = kind == .connectionsPerTenant ? 2 : nil
            configuration.limitPolicy.connectionsPerUser = kind == .connectionsPerUser ? 2 : nil
        }) { server in
            try await server.ready(ann) { _ in
                try await server.ready(ann) { second in
                    try await server.open { wire in
                        try await wire.send(Wire.initialisation(ann))
                        #expect(try await wire.closeLine() == Self.full)
                    }
                    // Others have places of their own.
                    for other in others {
                        try await server.ready(other) { wire in _ = try await wire.fence() }
                    }
                    #expect(try await second.fence() == [])
                }
                // A place is free as soon as its holder has gone.
                try await eventually("the place is free") { server.metrics.limitsInUse.value(kind) == 1 }
                try await server.ready(ann) { wire in _ = try await wire.fence() }
            }
            try await self.idle(server)
        }
    }

    @Test func racersGetExactlyThePlacesThatThereAre() async throws {
        try await TestServer.run(configure: { $0.limitPolicy.connectionsPerTenant = 5 }) { server in
            let admitted = try await withThrowingTaskGroup(of: Bool.self) { group in
                let gathered = Gathering(20)
                for _ in 0..<20 {
                    group.addTask {
                        try await server.open { wire in
                            try await wire.send(Wire.initialisation(["token": "slow"]))
                            await gathered.arrive { server.stage.release("init") }
                            let isAdmitted = try await wire.frame()?.text == #"{"type":"connection_ack"}"#
                            // Nobody leaves before all have their answer.
                            await gathered.arrive {}
                            return isAdmitted
                        }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(admitted == 5)
            try await self.idle(server)
        }
    }

    @Test func aPlaceGrantedToAClientThatHasLeftIsFreeAgain() async throws {
        try await TestServer.run(configure: { $0.limitPolicy.connectionsPerTenant = 1 }) { server in
            try await server.open { wire in
                try await wire.send(Wire.initialisation(["token": "slow"]))
                await server.stage.wait { $0.held["init"] == 1 }
                try await wire.reset()
            }
            server.stage.release("init")
            try await self.idle(server)
            try await server.ready { wire in _ = try await wire.fence() }
        }
    }

    @Test func operationsOfAConnection() async throws {
        try await TestServer.run(configure: { $0.limitPolicy.operationsPerConnection = 2 }) { server in
            try await server.ready { wire in
                let query = #"subscription { topic(name: "a") }"#
                try await wire.send(Wire.subscribe("1", query), Wire.subscribe("2", query), Wire.subscribe("3", query))
                #expect(
                    try await wire.text()
                        == #"{"id":"3","type":"error","payload":[{"message":"Too many operations on this connection","extensions":{"code":"LIMIT_EXCEEDED","retryAfter":1}}]}"#
                )
                await server.stage.wait(untilActive: "a", is: 2)
                // The id that was refused is free, and so is the place of one that ended.
                try await wire.send(Wire.subscribe("4", query))
                #expect(try await wire.text().contains("LIMIT_EXCEEDED"))
                try await wire.complete("1")
                try await wire.send(Wire.subscribe("3", #"{ hello }"#))
                #expect(try await wire.text().contains("world"))
                #expect(try await wire.text() == #"{"id":"3","type":"complete"}"#)
                // An id in use is another mistake.
                try await wire.send(Wire.subscribe("5", query), Wire.subscribe("2", query))
                #expect(try await wire.closeLine() == "4409 Subscriber for 2 already exists")
            }
        }
    }

    @Test func operationsOfAUserOverAllConnectionsAndHTTP() async throws {
        let ann: JSONObject = ["tenant": "acme", "user": "ann"]
        try await TestServer.run(configure: { $0.limitPolicy.operationsPerUser = 2 }) { server in
            let query = #"subscription { topic(name: "a") }"#
            try await server.ready(ann) { first in
                try await server.ready(ann) { second in
                    try await first.subscribe("1", query)
                    try await second.subscribe("1", query)
                    await server.stage.wait(untilActive: "a", is: 2)
                    try await first.subscribe("2", query)
                    #expect(try await first.text().contains(#""code":"LIMIT_EXCEEDED","retryAfter":1"#))
                    let post = try await server.post(#"{"query":"{ hello }"}"#, ["X-Tenant: acme", "X-User: ann"])
                    #expect(post.head.hasPrefix("HTTP/1.1 429 "))
                    #expect(post.head.contains("\r\nRetry-After: 1"))
                    #expect(post.body.contains(#""code":"LIMIT_EXCEEDED""#))
                    let other = try await server.post(#"{"query":"{ hello }"}"#, ["X-Tenant: globex", "X-User: ann"])
                    #expect(other.body == #"{"data":{"hello":"world"}}"#)
                    // The source ends one: its place is free.
                    server.stage.finish("a")
                    #expect(try await first.text() == #"{"id":"1","type":"complete"}"#)
                    #expect(try await second.text() == #"{"id":"1","type":"complete"}"#)
                    #expect(server.metrics.limitsInUse.value(.operationsPerUser) == 0)
                    let again = try await server.post(#"{"query":"{ hello }"}"#, ["X-Tenant: acme", "X-User: ann"])
                    #expect(again.head.hasPrefix("HTTP/1.1 200 "))
                }
            }
            try await self.idle(server)
        }
    }

    @Test func aNewPolicyHoldsAtOnce() async throws {
        try await TestServer.run { server in
            try await server.ready { wire in
                server.server.limiter.policy.connectionsPerTenant = 1
                try await server.open { late in
                    try await late.send(Wire.initialisation(nil))
                    #expect(try await late.closeLine() == Self.full)
                }
                server.server.limiter.policy.messagesPerConnection = .init(perSecond: 1)
                try await wire.send(#"{"type":"ping"}"#, #"{"type":"ping"}"#)
                #expect(try await wire.text() == #"{"type":"pong"}"#)
                #expect(try await wire.closeLine() == "4429 Too many messages")
            }
        }
    }
}
