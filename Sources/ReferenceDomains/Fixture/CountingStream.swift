import GraphQLCore
import Synchronization

/// The source of `count`: one timer at a time, each due so long after the start and not after the one before, so that
/// small delays do not add up.
final class CountingStream: Sendable {
    private let last: Int
    private let interval: Duration
    private let timers: any Timers
    private let sink: SourceEventSink
    private let live: LiveStream
    private let timer = Mutex<PendingTimer?>(nil)
    private let start: Duration

    /// A stream that waits for `tick(1)`.
    init(to last: Int, every interval: Duration, timers: any Timers, sink: SourceEventSink, live: LiveStream) {
        self.last = last
        self.interval = interval
        self.timers = timers
        self.sink = sink
        self.live = live
        self.start = timers.now
    }

    /// Makes event `number` happen in time, and all after it.
    func arm(_ number: Int) {
        guard number <= self.last else {
            if self.live.close() { self.sink.finish() }
            return
        }
        let delay = max(.zero, self.start + self.interval * number - self.timers.now)
        let timer = self.timers.schedule(after: delay) {
            guard self.live.isOpen else { return }
            self.sink.send(.int(Int64(number)))
            self.arm(number + 1)
        }
        self.timer.withLock { $0 = timer }
        // Cancelled meanwhile: then nobody has cancelled this timer.
        if !self.live.isOpen { timer.cancel() }
    }

    func cancel() {
        self.live.close()
        self.timer.withLock { timer in
            defer { timer = nil }
            return timer
        }?.cancel()
    }
}
