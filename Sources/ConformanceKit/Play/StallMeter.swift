import NIOCore
import Synchronization

/// Measures how long the runner itself stood still, so that its own stalls are not taken for a server's slowness.
///
/// A task on every event loop notes how much too late it runs.
final class StallMeter: Sendable {
    /// Nanoseconds between two looks.
    private static let interval: UInt64 = 25_000_000
    /// A task that is less late than this is not late.
    private static let tolerance: UInt64 = 75_000_000

    private final class Times: Sendable {
        /// By loop: when it was last looked at, and how long it stood still in all.
        let loops: Mutex<[(last: UInt64, stalled: UInt64)]>

        init(_ count: Int, now: UInt64) {
            self.loops = Mutex(Array(repeating: (now, 0), count: count))
        }
    }

    private let times: Times
    private let loops: [any EventLoop]
    private let tasks: [RepeatedTask]

    init(group: any EventLoopGroup, now: @escaping @Sendable () -> UInt64) {
        let loops = Array(group.makeIterator())
        let times = Times(loops.count, now: now())
        self.times = times
        self.loops = loops
        self.tasks = loops.enumerated().map { index, loop in
            loop.scheduleRepeatedTask(
                initialDelay: .nanoseconds(Int64(Self.interval)), delay: .nanoseconds(Int64(Self.interval))
            ) { _ in
                let now = now()
                times.loops.withLock { loops in
                    let passed = now > loops[index].last ? now - loops[index].last : 0
                    if passed > Self.interval + Self.tolerance { loops[index].stalled += passed - Self.interval }
                    loops[index].last = now
                }
            }
        }
    }

    deinit {
        for task in self.tasks { task.cancel() }
    }

    /// Nanoseconds for which the loop that stood still longest did so.
    var stalled: UInt64 { self.times.loops.withLock { $0.map(\.stalled).max() ?? 0 } }

    /// Returns when every loop has read what was there for it to read, and this meter knows of the stalls so far.
    func settle() async {
        for _ in 0..<2 {
            for loop in self.loops { try? await loop.submit {}.get() }
            await TransferEngine.shared.settle()
        }
    }
}
