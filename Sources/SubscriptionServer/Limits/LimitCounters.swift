/// A counter for each kind of limit.
final class LimitCounters: Sendable {
    private let counters = LimitKind.allCases.map { _ in Counter() }

    /// Adds; a negative amount takes away.
    func add(_ amount: Int, _ kind: LimitKind) {
        self.counters[kind.index].add(amount)
    }

    /// The sum so far.
    func value(_ kind: LimitKind) -> Int {
        self.counters[kind.index].value
    }
}

extension LimitKind {
    /// Its place among all kinds.
    fileprivate var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
