import NIOCore
import NIOPosix
import Synchronization

/// Gives memory back to the system after many connections have gone. The allocator keeps what was freed below
/// something that lives on, so a server would stay as large as it was at its busiest.
final class MemoryTrimmer: Sendable {
    private struct State {
        var open = 0
        /// The most connections since the last time.
        var peak = 0
        var isDue = false
        /// Every loop that had connections.
        var loops: [ObjectIdentifier: any EventLoop] = [:]
    }

    /// So many connections fewer than at the peak are worth it.
    private static let drop = 1000
    /// Those that go together should have gone.
    private static let delay = TimeAmount.milliseconds(500)
    /// So often it is put off while connections still come and go.
    private static let patience = 10

    private let state = Mutex(State())

    /// The number of connections has changed. Never blocks: the work is done on a thread of NIO's pool.
    func changed(open: Int, on eventLoop: any EventLoop) {
        let isDue = self.state.withLock { state in
            state.open = open
            state.peak = max(state.peak, open)
            state.loops[ObjectIdentifier(eventLoop)] = eventLoop
            guard !state.isDue, state.peak - open >= Self.drop else { return false }
            state.isDue = true
            return true
        }
        if isDue { self.wait(seen: open, patience: Self.patience, on: eventLoop) }
    }

    private func wait(seen: Int, patience: Int, on eventLoop: any EventLoop) {
        eventLoop.scheduleTask(in: Self.delay) {
            let open = self.state.withLock { $0.open }
            guard open == seen || patience == 0 else {
                return self.wait(seen: open, patience: patience - 1, on: eventLoop)
            }
            self.state.withLock { state in
                state.peak = state.open
                state.isDue = false
            }
            self.trim(eventLoop)
            // What connections held elsewhere, such as at Redis, may go a little later.
            eventLoop.scheduleTask(in: Self.delay * 2) { self.trim(eventLoop) }
        }
    }

    private func trim(_ eventLoop: any EventLoop) {
        let loops = self.state.withLock { Array($0.loops.values) }
        // Tasks run on as many threads of their own; twice as many askers meet all of them, as a rule.
        let askers = (0..<2 * System.coreCount).map { _ in
            eventLoop.makeFutureWithTask { Allocator.cachedBlocks() }
        }
        let caches = EventLoopFuture.whenAllSucceed(
            loops.map { $0.submit { Allocator.cachedBlocks() } } + askers, on: eventLoop)
        caches.whenSuccess { caches in
            NIOThreadPool.singleton.submit { _ in
                Allocator.free(caches.flatMap { $0 })
                Allocator.trim()
            }
        }
    }
}
