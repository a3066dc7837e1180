import Foundation
import Testing

@testable import ConformanceKit

/// Faults of a server that the run started, each seen by a canary, and taken away again.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ServerFaultTests {
    private static func withServer(
        _ body: (FaultController, ServerProcess, Target) async throws -> Void
    ) async throws {
        let command = Profile.Command(
            arguments: [BuiltProducts.gqlconform, "null-server", "ack", "--port", "{{port}}"], environment: [:],
            ready: .port, within: .seconds(20), grace: .seconds(1), mutantArguments: [], mutantList: [], replicas: 1)
        let facts = ServerProcess.Facts(
            environment: ProcessInfo.processInfo.environment, redis: nil, secret: "s",
            gqlconform: BuiltProducts.gqlconform)
        let http = HTTPClient(threads: 1)
        let server = try await ServerProcess.start(command, name: "ack", facts: facts, http: http)
        var target = Target(
            name: "ack", endpoints: ["transport-ws": .init(host: "127.0.0.1", port: server.port, path: "/")])
        target.control = RunControl(server: .init(server))
        let clock = RunClock()
        try await body(FaultController(target: target, oracle: nil, now: { clock.now() }), server, target)
        await server.stop()
        await http.shutdown()
    }

    @Test(arguments: [FaultEffect.kill(keepsData: false), .hang])
    func isSeenAndHealed(effect: FaultEffect) async throws {
        try await Self.withServer { controller, server, _ in
            let first = server.process.processID
            try await controller.begin(.init(name: "f", target: .server, effect: effect, duration: nil))
            let isKill = effect == .kill(keepsData: false)
            #expect(server.isDown == isKill)
            let canary = Canary.http(host: "127.0.0.1", port: server.port)
            #expect(await canary.look(patience: 300_000_000) == (isKill ? .refused : .silent))
            try await controller.end("f")
            #expect(!server.isDown && server.process.exit == nil)
            #expect((server.process.processID != first) == isKill)
            let after = await canary.look(patience: 5_000_000_000)
            #expect(after != .refused && after != .silent)
        }
    }

    @Test(arguments: [FaultEffect.refuse, .blackhole(.both), .dropPubSub, .latency(1, jitter: 0, .both)])
    func whatCannotBeDoneToAProcessIsSaid(effect: FaultEffect) async throws {
        try await Self.withServer { controller, _, _ in
            let failure = await #expect(throws: FaultController.Failure.self) {
                try await controller.begin(.init(name: "f", target: .server, effect: effect, duration: nil))
            }
            #expect(failure?.message.contains("cannot be done to the server") == true)
        }
    }

    @Test func aServerOfSomebodyElseIsNotHarmed() async throws {
        let target = Target(name: "x", endpoints: ["http": .init(host: "127.0.0.1", port: 1, path: "/")])
        let controller = FaultController(target: target, oracle: nil, now: { 0 })
        for effect in [FaultEffect.kill(keepsData: false), .hang] {
            let failure = await #expect(throws: FaultController.Failure.self) {
                try await controller.begin(.init(name: effect.word, target: .server, effect: effect, duration: nil))
            }
            #expect(failure?.message.contains("was not started by this run") == true)
        }
    }
}
