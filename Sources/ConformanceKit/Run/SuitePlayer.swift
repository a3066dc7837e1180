import NIOCore
import NIOPosix

/// Plays and judges cases against one server.
package struct SuitePlayer: Sendable {
    private let target: Target
    private let player: CasePlayer
    private let clock: RunClock
    private let keep: @Sendable (HistoryRecord) -> Void

    /// A player for a whole run.
    ///
    /// - Parameter keep: Receives every record as it is written, under a lock.
    package init(
        _ target: Target, clock: RunClock = RunClock(), keep: @escaping @Sendable (HistoryRecord) -> Void = { _ in }
    ) {
        self.target = target
        self.clock = clock
        self.keep = keep
        self.player = CasePlayer(group: MultiThreadedEventLoopGroup.singleton, now: { clock.now() })
    }

    /// Plays the case once and judges what happened.
    ///
    /// - Parameter other: Another set-up of the server; `nil` for the player's own.
    package func play(_ expanded: ExpandedCase, on other: Target? = nil) async -> (CaseResult, History) {
        let clock = self.clock
        let writer = HistoryWriter(caseName: expanded.name, now: { clock.now() }, sink: self.keep)
        await self.player.play(expanded, against: other ?? self.target, into: writer)
        let history = writer.history
        return (Judge.judge(expanded, history), history)
    }
}
