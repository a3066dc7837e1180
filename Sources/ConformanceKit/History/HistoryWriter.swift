import Synchronization

/// Where playing one case writes. Make one for each time that a case is played.
///
/// Records get their number and time here, so that the order of the numbers is the order of the times.
package final class HistoryWriter: Sendable {
    private let caseName: String
    private let now: @Sendable () -> UInt64
    private let sink: (@Sendable (HistoryRecord) -> Void)?
    private let records = Mutex<[HistoryRecord]>([])
    /// What never stands in a record.
    package let redaction = Redaction()

    /// - Parameters:
    ///   - caseName: `ExpandedCase.name`.
    ///   - now: Monotonic nanoseconds since the run began.
    ///   - sink: Called once for each record, in order, under a lock: it must be quick and must not write here.
    package init(
        caseName: String, now: @escaping @Sendable () -> UInt64, sink: (@Sendable (HistoryRecord) -> Void)? = nil
    ) {
        self.caseName = caseName
        self.now = now
        self.sink = sink
    }

    /// Appends a record and returns it. Callable from any thread.
    @discardableResult
    package func append(
        _ event: HistoryRecord.Event, connection: String? = nil, step: String? = nil
    ) -> HistoryRecord {
        let event = self.redaction.clean(event)
        return self.records.withLock { records in
            let record = HistoryRecord(
                sequence: records.count, time: self.now(), caseName: self.caseName, step: step,
                connection: connection, event: event)
            records.append(record)
            self.sink?(record)
            return record
        }
    }

    /// What was written so far.
    package var history: History { History(self.records.withLock { $0 }) }

    /// The number that the next record gets.
    package var nextSequence: Int { self.records.withLock { $0.count } }
}

/// Monotonic time since the start of a run.
package struct RunClock: Sendable {
    private let start: ContinuousClock.Instant

    package init() { self.start = ContinuousClock.now }

    /// Nanoseconds since the clock was made.
    package func now() -> UInt64 {
        let passed = ContinuousClock.now - self.start
        let (seconds, attoseconds) = passed.components
        return UInt64(max(0, seconds)) &* 1_000_000_000 &+ UInt64(max(0, attoseconds)) / 1_000_000_000
    }
}
