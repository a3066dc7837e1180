import NIOCore
import Synchronization

/// How long something took, in buckets, for Prometheus. Adding is a few atomic additions, whatever the number of
/// observations.
final class Histogram: Sendable {
    /// The upper bounds of the buckets in microseconds, inclusive; a last one without bound follows.
    static let bounds: [Int64] = [
        500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
    ]

    private let buckets = (0...Histogram.bounds.count).map { _ in Counter() }
    private let microseconds = Counter()

    /// Adds that many observations of the same duration.
    func observe(_ duration: TimeAmount, count: Int) {
        guard count > 0 else { return }
        let time = max(duration.nanoseconds, 0) / 1000
        let bucket = Self.bounds.firstIndex { time <= $0 } ?? Self.bounds.count
        self.buckets[bucket].add(count)
        self.microseconds.add(Int(time) * count)
    }

    /// The observations up to each bound, and all of them; each number includes those before it.
    var cumulative: [Int] {
        var sum = 0
        return self.buckets.map { bucket in
            sum += bucket.value
            return sum
        }
    }

    /// The sum of all durations in microseconds.
    var sum: Int { self.microseconds.value }
}

extension PrometheusText {
    /// Adds a histogram in seconds.
    mutating func add(_ name: String, _ help: String, _ histogram: Histogram) {
        var lines = ""
        let cumulative = histogram.cumulative
        for (bound, count) in zip(Histogram.bounds, cumulative) {
            lines += "\(Self.prefix)\(name)_bucket{le=\"\(Self.seconds(bound))\"} \(count)\n"
        }
        let all = cumulative.last ?? 0
        lines += "\(Self.prefix)\(name)_bucket{le=\"+Inf\"} \(all)\n"
        lines += "\(Self.prefix)\(name)_sum \(Self.seconds(Int64(histogram.sum)))\n"
        lines += "\(Self.prefix)\(name)_count \(all)\n"
        self.add(name, "histogram", help, lines: lines)
    }

    /// Microseconds as seconds without an exponent.
    private static func seconds(_ microseconds: Int64) -> String {
        let fraction = String(microseconds % 1_000_000 + 1_000_000).dropFirst()
        return "\(microseconds / 1_000_000).\(fraction)"
    }
}
