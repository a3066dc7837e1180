import Synchronization

/// What the connections of a load have in common; told by all event loops.
final class LoadBoard: Sendable {
    struct Figures: Sendable, Equatable {
        var upgraded = 0
        var subscribed = 0
        var heard = 0
        var failures: [String: Int] = [:]
    }

    let mark: LoadMark
    private let figures = Mutex(Figures())
    private let count = Atomic<Int>(0)
    private let closing = Atomic<Bool>(false)

    init(mark: LoadMark) { self.mark = mark }

    /// Whether connections end because the load is over.
    var isClosing: Bool { self.closing.load(ordering: .relaxed) }

    /// Different events that have come, over all subscriptions.
    var deliveries: Int { self.count.load(ordering: .relaxed) }

    var now: Figures { self.figures.withLock { $0 } }

    func close() { self.closing.store(true, ordering: .relaxed) }

    func delivered(_ fresh: Int) { self.count.wrappingAdd(fresh, ordering: .relaxed) }

    func heard() { self.figures.withLock { $0.heard += 1 } }

    func reached(_ stage: LoadHandler.Stage) {
        self.figures.withLock { figures in
            if stage == .upgraded { figures.upgraded += 1 } else { figures.subscribed += 1 }
        }
    }

    func failed(_ why: String) { self.figures.withLock { $0.failures[why, default: 0] += 1 } }
}
