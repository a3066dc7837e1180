import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import ConformanceKit

/// The player against peers that follow a script.
@Suite(.timeLimit(.minutes(1))) struct CasePlayerTests {
    typealias Peer = FakePeer.Peer

    /// Plays steps against a behaviour.
    static func play(
        _ steps: String, group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        change: (inout Target) -> Void = { _ in },
        _ behave: @escaping @Sendable (Peer, FakePeer.Event) -> Void
    ) async throws -> (result: CaseResult, history: History) {
        let peer = try await FakePeer(behave)
        var target = FakeGraphQL.target(port: peer.port)
        target.timing.reply = 1_000_000_000
        change(&target)
        let results = try await Play.results(steps, target: target, group: group)
        await peer.stop()
        return try #require(results.first)
    }

    /// A server that acknowledges, and answers the messages of a scenario with fixed ones.
    static func script(_ answers: [String: [String]]) -> @Sendable (Peer, FakePeer.Event) -> Void {
        { peer, event in
            switch event {
            case .request(let request): peer.upgrade(request, "graphql-transport-ws")
            case .frame(let frame) where frame.opcode == Opcode.text:
                guard let message = try? JSONParser.parse(frame.payload.bytes) else { return }
                let type = message["type"]?.stringValue ?? ""
                let id = message["id"]?.stringValue ?? ""
                if type == "connection_init" { peer.message(#"{"type":"connection_ack"}"#) }
                if id == "alive" {
                    peer.message(#"{"id":"alive","type":"next","payload":{"data":{"__typename":"Query"}}}"#)
                    peer.message(#"{"id":"alive","type":"complete"}"#)
                }
                for answer in answers["\(type) \(id)"] ?? [] { peer.message(answer) }
            case .frame(let frame) where frame.opcode == Opcode.close:
                peer.send(
                    FrameWriter.bytes(RawFrame(opcode: Opcode.close, payload: frame.payload.bytes, masked: false)))
                peer.close()
            default: return
            }
        }
    }

    static let roundTrip = """
        steps:
          - open: {as: c1}
          - start: {conn: c1, id: "1", query: "{ a }"}
          - expect: {conn: c1, id: "1", messages: [{type: next, payload: {data: {a: 1}}}, {type: complete}], within: 500ms}
        """

    static let next = #"{"id":"1","type":"next","payload":{"data":{"a":1}}}"#
    static let complete = #"{"id":"1","type":"complete"}"#

    @Test func aRightServerPasses() async throws {
        let played = try await Self.play(Self.roundTrip, Self.script(["subscribe 1": [Self.next, Self.complete]]))
        #expect(played.result.verdict == .pass, "\(played.result.reasons)")
    }

    @Test(arguments: [
        ([next], "expectation"), ([complete], "expectation"), ([], "expectation"),
        ([next, complete, complete], "message-order"), ([next, complete, #"{"type":"nope"}"#], "message-shape"),
        ([next, complete, #"{"id":"2","type":"complete"}"#], "message-order"),
    ])
    func aWrongServerFails(answers: [String], check: String) async throws {
        let played = try await Self.play(
            Self.roundTrip + "\n  - fence: {conn: c1}",
            Self.withPongs(Self.script(["subscribe 1": answers])))
        #expect(played.result.verdict == .fail)
        #expect(played.result.reasons.contains { $0.check == check }, "\(played.result.reasons.map(\.check))")
    }

    /// The same server, which answers pings too.
    static func withPongs(
        _ behave: @escaping @Sendable (Peer, FakePeer.Event) -> Void
    ) -> @Sendable (Peer, FakePeer.Event) -> Void {
        { peer, event in
            if case .frame(let frame) = event, let message = try? JSONParser.parse(frame.payload.bytes),
                message["type"] == .string("ping")
            {
                peer.message(#"{"type":"pong","payload":\#((message["payload"] ?? .null).text)}"#)
            }
            behave(peer, event)
        }
    }

    /// Refuses sockets by turns: before the upgrade, and behind the init.
    private static func crowded(refusals: Int) -> @Sendable (Peer, FakePeer.Event) -> Void {
        let come = Atomic<Int>(0)
        let script = Self.script(["subscribe 1": [Self.next, Self.complete]])
        return { peer, event in
            switch event {
            case .request:
                let number = come.add(1, ordering: .relaxed).oldValue
                if number < refusals, number.isMultiple(of: 2) { return peer.answer(429, "{}") }
                script(peer, event)
            case .frame(let frame) where frame.opcode == Opcode.text:
                let isInit = String(decoding: frame.payload.bytes, as: UTF8.self).contains("connection_init")
                guard isInit, come.load(ordering: .relaxed) <= refusals else { return script(peer, event) }
                let close = [UInt8(4429 >> 8), UInt8(4429 & 0xff)]
                peer.send(FrameWriter.bytes(RawFrame(opcode: Opcode.close, payload: close, masked: false)))
                peer.close()
            default: script(peer, event)
            }
        }
    }

    @Test(arguments: [(1, Verdict.pass), (4, .pass), (1000, .fail)])
    func aClientComesAgainUntilItIsLetIn(refusals: Int, verdict: Verdict) async throws {
        let steps = Self.roundTrip.replacing("open: {as: c1}", with: "open: {as: c1, retry_for: 700ms}")
        let played = try await Self.play(steps, Self.crowded(refusals: refusals))
        #expect(played.result.verdict == verdict, "\(played.result.reasons)")
    }

    @Test func aMessageHasTheLengthThatIsAskedFor() async throws {
        let steps = """
            steps:
              - open: {as: c1, from: 127.0.0.9}
              - send: {conn: c1, message: {type: subscribe, id: "1", payload: {query: "{ a }"}}, pad_to: 200, pad: 1}
              - expect: {conn: c1, id: "1", messages: [{type: next}, {type: complete}]}
              - burst: {conn: c1, times: 2, items: [send: {message: {type: pong}}], then: [send: {message: {type: ping}}]}
              - expect: {conn: c1, type: pong}
            """
        let seen = Mutex<[Int]>([])
        let script = Self.withPongs(Self.script(["subscribe 1": [Self.next, Self.complete]]))
        let played = try await Self.play(steps) { peer, event in
            if case .frame(let frame) = event, frame.opcode == Opcode.text {
                seen.withLock { $0.append(frame.payload.bytes.count) }
            }
            script(peer, event)
        }
        #expect(played.result.verdict == .pass, "\(played.result.reasons)")
        let pong = #"{"type":"pong"}"#.utf8.count
        #expect(seen.withLock { Array($0[1...4]) } == [201, pong, pong, pong])
    }

    @Test func aServerThatIsNotThereIsTheEnvironments() async throws {
        let port = try #require(FreePort.choose())
        let played = try #require(
            try await Play.results(Self.roundTrip, target: FakeGraphQL.target(port: port)).first)
        #expect(played.result.verdict == .error)
    }

    @Test func aRunnerThatStandsStillBlamesNobody() async throws {
        let players = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let played = try await Self.play(Self.roundTrip, group: players) { peer, event in
            // The answer is there at once, and the runner's only thread sleeps over its deadline.
            if case .frame(let frame) = event, frame.opcode == Opcode.text,
                String(decoding: frame.payload.bytes, as: UTF8.self).contains(#""id":"1""#)
            {
                players.next().execute { blockThread(milliseconds: 2_000) }
            }
            Self.script(["subscribe 1": [Self.next, Self.complete]])(peer, event)
        }
        try await players.shutdownGracefully()
        #expect(played.result.verdict == .pass, "\(played.result.reasons)")
    }

    @Test func aBudgetThatRunsOutIsAnError() async throws {
        let steps = "budget: 300ms\n" + Self.roundTrip.replacing("within: 500ms", with: "within: 5s")
        let played = try await Self.play(steps, Self.script([:]))
        #expect(played.result.verdict == .error)
        #expect(played.result.reasons.contains { $0.message.hasPrefix("the budget") })
    }

    /// Of a run that started the server, and of one that only reaches it; neither has a Redis to end.
    @Test(arguments: [(true, Verdict.inconclusive), (false, .unsupported)])
    func aFaultThatCannotBeBroughtAboutIsNoVerdict(ownsServer: Bool, verdict: Verdict) async throws {
        let steps = """
            steps:
              - open: {as: c1}
              - fault: {target: redis, effect: kill}
              - expect: {conn: c1, type: pong}
            """
        let server = RunControl.Process(
            kill: { _ in true }, restart: { true }, freeze: { true }, thaw: { true }, processID: { nil })
        let change: (inout Target) -> Void = { if ownsServer { $0.control.server = server } }
        let played = try await Self.play(steps, change: change, Self.script([:]))
        #expect(played.result.verdict == verdict, "\(played.result.reasons)")
    }

    @Test func whatTheProfileDoesNotSayIsUnsupported() async throws {
        let steps = """
            steps:
              - open: {as: c1}
              - policy: {of: profile.nothing.here, keep: [{expect: {conn: c1, type: pong}}]}
            """
        let played = try await Self.play(steps, Self.script([:]))
        #expect(played.result.verdict == .unsupported, "\(played.result.reasons)")
    }

    @Test func tokensAreInNoRecord() async throws {
        let steps = """
            steps:
              - mint: {as: t, subject: alice}
              - open: {as: c1, token: t}
              - start: {conn: c1, id: "1", query: "{ a }"}
              - expect: {conn: c1, id: "1", messages: [{type: next}, {type: complete}]}
            """
        let played = try await Self.play(steps, Self.script(["subscribe 1": [Self.next, Self.complete]]))
        #expect(played.result.verdict == .pass, "\(played.result.reasons)")
        let sent = played.history.records.compactMap { record -> String? in
            guard case .frameSent(let frame) = record.event else { return nil }
            return frame.payload.text
        }
        #expect(sent.contains { $0.contains(Redaction.mark + "token:t") })
        // The middle of every token of this recipe.
        #expect(!sent.contains { $0.contains("eyJ") })
    }

    @Test func aServerThatSendsATokenBackIsFound() async throws {
        let steps = """
            steps:
              - mint: {as: t, subject: alice}
              - open: {as: c1, token: t}
              - send: {conn: c1, message: {type: ping, payload: {echo: "{{t.token}}"}}}
              - expect: {conn: c1, type: pong}
            checks: [no-secrets-on-wire]
            """
        let played = try await Self.play(steps, Self.withPongs(Self.script([:])))
        #expect(played.result.reasons.contains { $0.check == "no-secrets-on-wire" && $0.verdict == .fail })
    }

    @Test func theFaultOfALinkIsSeenAndHealed() async throws {
        let steps = """
            steps:
              - open: {as: c1, via: link}
              - fault: {as: down, target: link, effect: "{{effect}}", latency: 50ms}
              - heal: {fault: down}
              - open: {as: c2, via: link}
              - start: {conn: c2, id: "1", query: "{ a }"}
              - expect: {conn: c2, id: "1", messages: [{type: next}, {type: complete}]}
            allow: []
            matrix: {effect: [blackhole, latency]}
            """
        let peer = try await FakePeer(Self.script(["subscribe 1": [Self.next, Self.complete]]))
        let results = try await Play.results(steps, target: FakeGraphQL.target(port: peer.port))
        await peer.stop()
        for (result, history) in results {
            #expect(result.verdict == .pass, "\(result.caseName): \(result.reasons)")
            let phases = history.records.compactMap { record -> HistoryRecord.FaultPhase? in
                if case .fault(_, let phase, _) = record.event { phase } else { nil }
            }
            #expect(phases == [.begins, .seen, .heals, .healed])
        }
    }
}

/// Holds a thread, as a machine without time for us would.
private func blockThread(milliseconds: Int) {
    let end = ContinuousClock.now + .milliseconds(milliseconds)
    while ContinuousClock.now < end {}
}
