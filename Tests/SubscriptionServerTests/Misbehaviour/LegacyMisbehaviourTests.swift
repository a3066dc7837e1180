import GraphQLCore
import NIOCore
import NIOEmbedded
import SubscriptionProtocols
import Testing

@testable import SubscriptionServer

/// Each misbehaviour of the legacy dialect shows, and is not there without being asked for.
@Suite(.timeLimit(.minutes(1))) struct LegacyMisbehaviourTests {
    typealias Play = MisbehaviourTests.Play

    private static func topic(_ id: String, _ name: String = "a") -> String {
        Wire.start(id, #"subscription { topic(name: "\#(name)") }"#)
    }
    private static func stop(_ id: String) -> String { #"{"id":"\#(id)","type":"stop"}"# }
    private static func complete(_ id: String) -> String { #"{"id":"\#(id)","type":"complete"}"# }
    private static func initialise(token: String) -> String {
        #"{"type":"connection_init","payload":{"token":"\#(token)"}}"#
    }
    private static func connectionError(_ message: String) -> String {
        #"{"type":"connection_error","payload":{"message":"\#(message)"}}"#
    }
    private static func message(_ type: String, _ payload: String) -> String {
        #"{"id":"1","type":"\#(type)","payload":\#(payload)}"#
    }
    private static let query = Wire.start("1", "{ hello }")
    private static let data = message("data", #"{"data":{"hello":"world"}}"#)
    private static let initialise = #"{"type":"connection_init"}"#
    private static let terminate = #"{"type":"connection_terminate"}"#
    private static let ack = #"{"type":"connection_ack"}"#
    private static let ka = #"{"type":"ka"}"#
    private static let bad = #"{"message":"no source","locations":[{"line":1,"column":16}],"path":["throwsAtStart"]}"#
    private static let failing = Wire.start("1", "subscription { throwsAtStart }")
    private static let error = message("error", bad)
    private static let none = #"{"message":"none","locations":[{"line":1,"column":3}],"path":["required"]}"#
    private static let required = Wire.start("1", "{ required }")
    private static let incomplete = message("data", #"{"errors":[\#(none)],"data":null}"#)

    private static let initialisation: [Play] = [
        .init(.legacyModernMessages, [initialise], [ack, ka], [ack], isReady: false),
        .init(.legacyNoKeepAliveAfterAck, [initialise], [ack, ka], [ack], isReady: false),
        .init(.legacyNoAckWithoutPayload, [initialise], [ack, ka], [], isReady: false),
        .init(
            .legacyOperationsBeforeInit, [query],
            [message("error", #"{"message":"connection_init has to come first"}"#)], [data, complete("1")],
            isReady: false),
        .init(
            .legacyRefusalAcknowledged, [initialise(token: "deny")],
            [connectionError("Forbidden"), "close 4403 Forbidden"],
            [ack, connectionError("Forbidden"), "close 4403 Forbidden"], isReady: false),
        .init(
            .legacyRefusalUntold, [initialise(token: "deny")], [connectionError("Forbidden"), "close 4403 Forbidden"],
            ["close 4403 Forbidden"], isReady: false),
        .init(
            .legacyRefusalKeepsSocket, [initialise(token: "deny")],
            [connectionError("Forbidden"), "close 4403 Forbidden"], [connectionError("Forbidden")], isReady: false),
        .init(
            .legacyCrashUnanswered, [initialise(token: "crash")],
            [connectionError("Internal server error"), "close 4500 Internal server error"], [], isReady: false),
    ]

    private static let envelopes: [Play] = [
        .init(
            .legacyNextForData, [query], [data, complete("1")],
            [message("next", #"{"data":{"hello":"world"}}"#), complete("1")]),
        .init(.legacyErrorArray, [failing], [error], [message("error", "[\(bad)]")]),
        .init(.legacyErrorWithoutID, [failing], [error], [#"{"type":"error","payload":\#(bad)}"#]),
        .init(.legacyErrorClosesSocket, [failing], [error], ["close 1011 "]),
        .init(
            .legacyFieldErrorAsError, [required], [incomplete, complete("1")], [message("error", none)]),
        .init(
            .legacyFieldErrorsDropped, [required], [incomplete, complete("1")],
            [message("data", #"{"data":null}"#), complete("1")]),
        .init(
            .legacyEmptyErrorsArray, [query], [data, complete("1")],
            [message("data", #"{"data":{"hello":"world"},"errors":[]}"#), complete("1")]),
        .init(.legacyNoCompleteAfterQuery, [query], [data, complete("1")], [data]),
        .init(.legacyCompleteTwice, [query], [data, complete("1")], [data, complete("1"), complete("1")]),
        .init(
            .legacyResultInComplete, [query], [data, complete("1")],
            [message("complete", #"{"data":{"hello":"world"}}"#)]),
        .init(
            .legacyUnknownOperationNameHangs,
            [#"{"id":"1","type":"start","payload":{"query":"query A { hello }","operationName":"B"}}"#],
            [message("error", #"{"message":"Unknown operation named \"B\"."}"#)], []),
        .init(
            .legacyIDKept, [query, query], [data, complete("1"), data, complete("1")],
            [data, complete("1"), message("error", #"{"message":"The id is taken"}"#)]),
    ]

    private static let stopping: [Play] = [
        .init(.legacyStopUnanswered, [topic("1"), stop("1")], [complete("1")], []),
        .init(.legacyStopIgnored, [topic("1"), stop("1")], [complete("1")], []),
        .init(.legacyStopUnknownCloses, [stop("zzz")], [], ["close 1011 "]),
        .init(.legacyStopClosesSocket, [topic("1"), stop("1")], [complete("1")], ["close 1000 "]),
        .init(.legacyTerminateIgnored, [terminate], ["close 1000 Terminated"], []),
        .init(
            .legacyInvalidCloses, ["HI"], [connectionError("Unexpected 'H' in JSON text at byte 0")],
            ["close 4400 Invalid message received"]),
        .init(.legacyInvalidIgnored, ["HI"], [connectionError("Unexpected 'H' in JSON text at byte 0")], []),
    ]

    @Test(arguments: initialisation + envelopes + stopping)
    func shows(play: Play) async throws {
        #expect(try await self.transcript(play, nil) == play.right)
        #expect(try await self.transcript(play, play.misbehaviour) == play.wrong)
    }

    private func transcript(_ play: Play, _ misbehaviour: Misbehaviour?) async throws -> [String] {
        let harness = try Harness(misbehaviour: misbehaviour)
        if play.isReady {
            try await harness.readyLegacy()
        } else {
            try await harness.open(offering: "graphql-ws")
        }
        var lines: [String] = []
        for frame in play.frames {
            try await harness.send(frame)
            try await harness.settle()
            lines += try await harness.lines()
        }
        _ = try? await harness.channel.finish()
        return lines
    }

    // MARK: Timers

    @Test(
        arguments: [
            (.legacyKeepAliveOnce, ["9 []"]),
            (.legacyKeepAliveMisnamed, [#"{"type":"connection_keep_alive"}"#, "9 []"]),
            (.legacyKeepAliveAsPing, [#"{"type":"ping"}"#, "9 []"]), (nil, [#"{"type":"ka"}"#, "9 []"]),
        ] as [(Misbehaviour?, [String])])
    func keepAlive(misbehaviour: Misbehaviour?, lines: [String]) async throws {
        let harness = try Harness(misbehaviour: misbehaviour)
        try await harness.readyLegacy()
        await harness.advance(by: .seconds(12))
        #expect(try await harness.lines() == lines)
    }

    @Test(arguments: [(.legacySilenceCut, false), (nil, true)] as [(Misbehaviour?, Bool)])
    func silence(misbehaviour: Misbehaviour?, isKept: Bool) async throws {
        let harness = try Harness(misbehaviour: misbehaviour)
        try await harness.readyLegacy()
        for _ in 0..<2 {
            await harness.advance(by: .seconds(12))
            if harness.channel.isActive { try await harness.send(ClientFrame(10)) }
        }
        #expect(harness.channel.isActive == isKept)
    }

    @Test(
        arguments: [
            (.legacyInitTimeoutAfterInit, ["close 4408 Connection initialisation timeout"]), (nil, []),
        ] as [(Misbehaviour?, [String])])
    func initTimeout(misbehaviour: Misbehaviour?, lines: [String]) async throws {
        let harness = try Harness(misbehaviour: misbehaviour)
        try await harness.readyLegacy()
        await harness.advance(by: .seconds(3))
        #expect(try await harness.lines() == lines)
    }

    // MARK: Sources and effects

    @Test(arguments: [.legacyKeepAliveBeforeAck, nil] as [Misbehaviour?])
    func keepAliveBeforeAck(misbehaviour: Misbehaviour?) async throws {
        try await TestServer.run(misbehaviour: misbehaviour) { server in
            try await server.openLegacy { wire in
                try await wire.send(Self.initialise)
                #expect(try await wire.text() == (misbehaviour == nil ? Self.ack : Self.ka))
            }
        }
    }

    @Test(arguments: [.legacyRefusedOperationRuns, nil] as [Misbehaviour?])
    func refusedOperation(misbehaviour: Misbehaviour?) async throws {
        try await TestServer.run(misbehaviour: misbehaviour) { server in
            try await server.openLegacy { wire in
                try await wire.send(Self.initialise(token: "deny"), Wire.start("1", "mutation { increment }"))
                #expect(try await wire.text() == Self.connectionError("Forbidden"))
                if misbehaviour != nil { await server.stage.wait { $0.counter == 1 } }
                #expect(try await wire.closeLine() == "4403 Forbidden")
            }
            #expect(server.stage.counts.counter == (misbehaviour == nil ? 0 : 1))
        }
    }

    @Test(arguments: [.legacyReadsBlocked, nil] as [Misbehaviour?])
    func blockedReads(misbehaviour: Misbehaviour?) async throws {
        try await TestServer.run(misbehaviour: misbehaviour) { server in
            try await server.readyLegacy { wire in
                try await wire.send(Wire.start("1", #"{ held(name: "q") }"#), Wire.start("2", "{ counter }"))
                await server.stage.wait { $0.held["q"] == 1 }
                if misbehaviour == nil {
                    #expect(try await wire.text().contains(#""counter":0"#))
                    #expect(try await wire.text() == Self.complete("2"))
                }
                server.stage.release("q")
                #expect(try await wire.text().contains(#""held":"held""#))
            }
        }
    }

    /// What is alive once a play is over: sources of the topics a and b.
    struct Sources: Sendable, CustomTestStringConvertible {
        let misbehaviour: Misbehaviour
        let messages: [String]
        let right: [Int]
        let wrong: [Int]

        var testDescription: String { self.misbehaviour.name }
    }

    @Test(arguments: [
        Sources(
            misbehaviour: .legacyForgetsOthers, messages: [topic("1"), topic("2", "b"), stop("1")], right: [0, 1],
            wrong: [1, 1]),
        Sources(
            misbehaviour: .legacyDuplicateLeaks, messages: [topic("1"), topic("1", "b")], right: [0, 1], wrong: [1, 1]),
        Sources(
            misbehaviour: .legacyStopKeepsSource, messages: [topic("1"), topic("2", "b"), stop("1")], right: [0, 1],
            wrong: [1, 1]),
        Sources(
            misbehaviour: .legacyStopStopsAll, messages: [topic("1"), topic("2", "b"), stop("1")], right: [0, 1],
            wrong: [0, 0]),
    ])
    func sources(play: Sources) async throws {
        for misbehaviour in [nil, play.misbehaviour] {
            try await TestServer.run(misbehaviour: misbehaviour) { server in
                try await server.readyLegacy { wire in
                    for message in play.messages {
                        let opened = server.stage.counts.opened
                        try await wire.send(message)
                        // Each start opens one source before the next message.
                        if message.contains("topic") { await server.stage.wait { $0.opened > opened } }
                    }
                    let expected = misbehaviour == nil ? play.right : play.wrong
                    try await wire.send(Wire.start("fence", "{ hello }"))
                    while try await wire.text() != Self.complete("fence") {}
                    await server.stage.wait {
                        [$0.active["a"] ?? 0, $0.active["b"] ?? 0] == expected
                    }
                }
            }
        }
    }

    enum Leaving: CaseIterable { case terminate, close, finish }

    @Test(
        arguments: [
            (.legacyTerminateKeepsOperations, .terminate), (.legacySourcesKept, .close), (.legacySourcesKept, .finish),
        ] as [(Misbehaviour, Leaving)])
    func sourcesOutliveTheirSocket(misbehaviour: Misbehaviour, leaving: Leaving) async throws {
        for misbehaviour in [nil, misbehaviour] {
            try await TestServer.run(misbehaviour: misbehaviour) { server in
                try await server.readyLegacy { wire in
                    try await wire.send(Self.topic("1"))
                    await server.stage.wait(untilActive: "a", is: 1)
                    switch leaving {
                    case .terminate:
                        try await wire.send(Self.terminate)
                        #expect(try await wire.closeLine() == "1000 Terminated")
                    case .close:
                        try await wire.send(ClientFrame(close: 1000))
                        #expect(try await wire.closeLine() == "1000 ")
                    case .finish:
                        wire.finish()
                        #expect(await wire.rest() == [])
                    }
                }
                if misbehaviour == nil {
                    await server.stage.wait(untilActive: "a", is: 0)
                } else {
                    #expect(server.stage.counts.active["a"] == 1)
                }
            }
        }
    }

    @Test func everyLegacyMisbehaviourIsTested() {
        let plays = Self.initialisation + Self.envelopes + Self.stopping
        let tested: [Misbehaviour] =
            plays.map(\.misbehaviour) + [
                .legacyKeepAliveOnce, .legacyKeepAliveMisnamed, .legacyKeepAliveAsPing, .legacySilenceCut,
                .legacyInitTimeoutAfterInit, .legacyKeepAliveBeforeAck, .legacyRefusedOperationRuns,
                .legacyReadsBlocked, .legacyForgetsOthers, .legacyDuplicateLeaks, .legacyStopKeepsSource,
                .legacyStopStopsAll, .legacyTerminateKeepsOperations, .legacySourcesKept,
            ]
        let legacy = Misbehaviour.allCases.filter { $0.name.hasPrefix("legacy-") && $0 != .legacyKeepAlive }
        #expect(Set(tested) == Set(legacy))
    }
}
