import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Gives memory back to the system after many connections have gone. The allocator keeps what was freed below
/// something that lives on, so a server would stay as large as it was at its busiest.
final class MemoryTrimmer: Sendable {
    private struct State {
        /// The most connections since the last time.
        var peak = 0
        var isDue = false
    }

    /// So many connections fewer than at the peak are worth it.
    private static let drop = 1000
    /// Those that go together should have gone.
    private static let delay = TimeAmount.milliseconds(500)

    /// `malloc_trim` of glibc, which its Swift module does not show; nil where the allocator is another.
    private static let trim = dlsym(nil, "malloc_trim").map {
        unsafeBitCast($0, to: (@convention(c) (Int) -> Int32).self)
    }

    private let state = Mutex(State())

    /// The number of connections has changed. Never blocks: the work is done on a thread of NIO's pool.
    func changed(open: Int, on eventLoop: any EventLoop) {
        let isDue = self.state.withLock { state in
            state.peak = max(state.peak, open)
            guard !state.isDue, state.peak - open >= Self.drop else { return false }
            state.isDue = true
            return true
        }
        guard isDue else { return }
        eventLoop.scheduleTask(in: Self.delay) {
            NIOThreadPool.singleton.submit { _ in
                self.state.withLock { $0 = State() }
                _ = Self.trim?(0)
            }
        }
    }
}
