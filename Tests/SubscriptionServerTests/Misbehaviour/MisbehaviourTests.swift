import GraphQLCore
import NIOCore
import NIOEmbedded
import SubscriptionProtocols
import Testing

@testable import SubscriptionServer

/// Each misbehaviour shows, and is not there without being asked for: a play is run against the right server and
/// against the misbehaving one, and both transcripts are known.
@Suite(.timeLimit(.minutes(1))) struct MisbehaviourTests {
    /// One misbehaviour, what is sent in one connection, and what comes back.
    struct Play: Sendable, CustomTestStringConvertible {
        let misbehaviour: Misbehaviour
        let frames: [ClientFrame]
        let right: [String]
        let wrong: [String]
        var isReady = true

        var testDescription: String { self.misbehaviour.name }

        init(
            _ misbehaviour: Misbehaviour, _ messages: [String], _ right: [String], _ wrong: [String],
            isReady: Bool = true
        ) {
            self.init(misbehaviour, frames: messages.map { ClientFrame(text: $0) }, right, wrong, isReady: isReady)
        }

        init(
            _ misbehaviour: Misbehaviour, frames: [ClientFrame], _ right: [String], _ wrong: [String],
            isReady: Bool = true
        ) {
            self.misbehaviour = misbehaviour
            self.frames = frames
            self.right = right
            self.wrong = wrong
            self.isReady = isReady
        }
    }

    @Test(arguments: MisbehaviourPlays.all)
    func shows(play: Play) async throws {
        #expect(try await self.transcript(play, nil) == play.right)
        #expect(try await self.transcript(play, play.misbehaviour) == play.wrong)
    }

    /// Sends the frames one by one; what comes back for each, up to the answer to a ping behind it, or to the end.
    private func transcript(_ play: Play, _ misbehaviour: Misbehaviour?) async throws -> [String] {
        let harness = try Harness(misbehaviour: misbehaviour) { $0.limits.messageBytes = 10_000 }
        if play.isReady {
            try await harness.ready()
        } else {
            try await harness.open()
        }
        var lines: [String] = []
        for frame in play.frames {
            try await harness.send(frame)
            try await harness.settle()
            lines += try await harness.lines()
        }
        if !harness.channel.isActive {
            lines.append("end")
        }
        _ = try? await harness.channel.finish()
        return lines
    }
}

extension Harness {
    /// Returns once every operation that can end has ended: the tasks behind them report in a known number of steps.
    func settle() async throws {
        // A query's task reports through the event loop; a held one waits for the stage and is left alone.
        while true {
            await self.channel.testingEventLoop.run()
            let open = try await self.channel.testingEventLoop.executeInContext { self.openOperations }
            let stays = self.stage.counts.held.values.reduce(0, +) + self.stage.counts.active.values.reduce(0, +)
            if open <= stays { return }
            await Task.yield()
        }
    }

    private var openOperations: Int {
        guard let handler = try? self.channel.pipeline.syncOperations.handler(type: WebSocketHandler.self) else {
            return 0
        }
        switch handler.speaker {
        case let socket as TransportWSSpeaker:
            let unregistered = socket.deviation.map { $0.unregistered.count } ?? 0
            return socket.session.openOperations + unregistered + (socket.session.phase == .deciding ? 1 : 0)
        case let socket as LegacyWSSpeaker:
            return socket.session.openOperations + (socket.session.phase == .deciding ? 1 : 0)
        default:
            return 0
        }
    }
}
