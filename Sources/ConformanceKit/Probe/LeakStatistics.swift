/// Says whether a resource grows with the work that was done, or only wavers.
package struct LeakStatistics: Sendable, Equatable {
    /// A look at the resource.
    package struct Sample: Sendable, Equatable {
        /// Work done so far, such as operations.
        package var work: Double
        /// What was in use.
        package var used: Double

        package init(work: Double, used: Double) {
            self.work = work
            self.used = used
        }
    }

    package enum Finding: String, Sendable, Codable {
        case leak
        case none
        /// Too little was seen to say anything.
        case unclear
    }

    package var finding: Finding
    /// Resources for each unit of work: the median of the slopes between all pairs.
    package var slope: Double
    /// How sure it is that the resource grows at all, from 0 to 1.
    package var confidence: Double
    /// The smallest growth for each unit of work that would have been called a leak.
    package var smallestVisible: Double

    /// So many standard deviations of the trend statistic are needed; with 12 blocks one in about 5,000 series without a
    /// trend goes that far.
    private static let threshold = 3.5
    private static let blocks = 12

    /// Judges a series.
    ///
    /// What is in use wavers: pools fill, garbage waits to be collected. The least of each of a dozen blocks of samples is
    /// what was really kept, and Mann and Kendall's test says whether those rise. A rise also has to be larger than they
    /// waver around their own line.
    package static func judge(_ samples: [Sample]) -> LeakStatistics {
        let floors = self.floors(of: samples)
        guard floors.count == self.blocks, let first = floors.first, let last = floors.last, last.work > first.work
        else {
            return LeakStatistics(finding: .unclear, slope: 0, confidence: 0, smallestVisible: .infinity)
        }
        var slopes: [Double] = []
        var score = 0.0
        for (index, left) in floors.enumerated() {
            for right in floors[(index + 1)...] where right.work > left.work {
                slopes.append((right.used - left.used) / (right.work - left.work))
                score += right.used > left.used ? 1 : right.used < left.used ? -1 : 0
            }
        }
        let slope = self.median(slopes)
        let deviation = self.deviation(of: floors.map(\.used))
        let z = deviation > 0 && score > 0 ? (score - 1) / deviation : 0
        // What the floors waver around the line through their middle.
        let middle = self.median(floors.map { $0.used - slope * $0.work })
        let waver = self.median(floors.map { abs($0.used - slope * $0.work - middle) }) * 1.4826
        let span = last.work - first.work
        let smallest = max(3 * waver, 1) / span
        let isLeak = z >= self.threshold && slope >= smallest
        return LeakStatistics(
            finding: isLeak ? .leak : .none, slope: slope, confidence: self.normal(z), smallestVisible: smallest)
    }

    /// The least of each block.
    private static func floors(of samples: [Sample]) -> [Sample] {
        guard samples.count >= self.blocks else { return [] }
        let sorted = samples.sorted { $0.work < $1.work }
        return (0..<self.blocks).compactMap { block in
            let start = block * sorted.count / self.blocks
            let end = (block + 1) * sorted.count / self.blocks
            return sorted[start..<end].min { $0.used < $1.used }
        }
    }

    /// Of the score of Mann and Kendall, corrected for equal values.
    private static func deviation(of values: [Double]) -> Double {
        func term(_ count: Int) -> Double { Double(count * (count - 1) * (2 * count + 5)) }
        var ties: [Double: Int] = [:]
        for value in values { ties[value, default: 0] += 1 }
        let variance = (term(values.count) - ties.values.map(term).reduce(0, +)) / 18
        return variance > 0 ? variance.squareRoot() : 0
    }

    private static func median(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// The distribution function of the normal distribution (Abramowitz and Stegun 26.2.17; error below 1e-7).
    private static func normal(_ z: Double) -> Double {
        guard z > 0 else { return 0.5 }
        let t = 1 / (1 + 0.2316419 * z)
        let series =
            t * (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
        return 1 - self.density(z) * series
    }

    private static func density(_ z: Double) -> Double {
        // e^(-z²/2) by repeated squaring of a short series: no library of functions is needed for a few digits.
        let exponent = -z * z / 2
        var base = 1 + exponent / 1_024 + exponent * exponent / (2 * 1_048_576)
        for _ in 0..<10 { base *= base }
        return base / 2.506628274631
    }
}
