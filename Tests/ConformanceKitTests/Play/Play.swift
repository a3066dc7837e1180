import NIOCore
import NIOPosix

@testable import ConformanceKit

/// Plays scenarios against servers of the tests.
enum Play {
    /// The results of every case of a scenario, given as its steps or as a whole file.
    static func results(
        _ text: String, target: Target, fragments: [String] = [], clock: RunClock = RunClock(),
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> [(result: CaseResult, history: History)] {
        let whole = text.hasPrefix("id:") ? text : Self.header + text
        let scenario = try ScenarioLoader.load(
            [(name: "f.yaml", text: whole)], fragments: fragments.map { (name: "fragment.yaml", text: $0) })[0]
        let player = CasePlayer(group: group, now: { clock.now() })
        var results: [(result: CaseResult, history: History)] = []
        for expanded in scenario.expanded() {
            let writer = HistoryWriter(caseName: expanded.name, now: { clock.now() })
            await player.play(expanded, against: target, into: writer)
            results.append((Judge.judge(expanded, writer.history), writer.history))
        }
        return results
    }

    static let header = """
        id: test/x
        uid: GC-0001
        title: A fact
        level: MUST
        source: somewhere

        """

    /// The same against a `FakeGraphQL` of its own.
    static func againstFake(
        _ text: String, fragments: [String] = [], redis: Target.RedisAddress? = nil
    ) async throws -> [CaseResult] {
        let server = try FakeGraphQL()
        let peer = try await FakePeer { server.behave($0, $1) }
        var target = FakeGraphQL.target(port: peer.port)
        target.declared.auth?.revoke = server.revoke
        target.redis = redis
        let results = try await Self.results(text, target: target, fragments: fragments)
        await peer.stop()
        return results.map(\.result)
    }
}
