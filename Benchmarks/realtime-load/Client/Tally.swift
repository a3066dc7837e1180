import NIOCore

/// What a fleet has seen since `reset`.
struct Tally: Sendable {
    /// Events, probes not counted.
    var delivered = 0
    /// Events whose number was not higher than the one before.
    var repeated = 0
    /// Numbers that were jumped over.
    var missed = 0
    /// From publishing to delivery, in microseconds, one for each event.
    var latencies: [UInt32] = []
    /// From ping to pong, in microseconds.
    var pongs: [UInt32] = []
    /// The first few messages that were no event.
    var complaints: [String] = []
    /// Clients whose connection ended.
    var left = 0

    /// The value that the given share of the sample does not exceed; 0 of an empty one.
    static func percentile(_ share: Double, of sample: [UInt32]) -> Double {
        let sorted = sample.sorted()
        guard let last = sorted.last else { return 0 }
        let place = Int((Double(sorted.count) * share).rounded(.up)) - 1
        return Double(place < sorted.count - 1 ? sorted[max(0, place)] : last)
    }

    mutating func count(_ event: EventText, after last: UInt64, now: NIODeadline) {
        guard event.number > 0 else { return }
        self.delivered += 1
        if event.number <= last {
            self.repeated += 1
        } else if last > 0, event.number > last + 1 {
            self.missed += Int(event.number - last - 1)
        }
        self.latencies.append(UInt32(clamping: (now.uptimeNanoseconds &- event.sentAt) / 1000))
    }
}
