import Synchronization

/// Figures as a table, and whether a bound was broken.
final class Report: Sendable {
    private let broken = Mutex(0)

    /// How many bounds were broken.
    var brokenBounds: Int { self.broken.withLock { $0 } }

    /// A figure without a bound.
    func figure(_ name: String, _ value: String) {
        print("| \(name) | \(value) | |")
    }

    /// A figure that has to keep within a bound.
    func check(_ name: String, _ value: String, _ bound: String, _ holds: Bool) {
        print("| \(name) | \(value) | \(bound): \(holds ? "kept" : "BROKEN") |")
        if !holds { self.broken.withLock { $0 += 1 } }
    }

    /// The head of a table.
    func section(_ title: String) {
        print("\n| \(title) | seen | bound |\n|---|---|---|")
    }
}

extension Double {
    /// With so many digits behind the point.
    func text(_ digits: Int = 1) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let rounded = (self * scale).rounded() / scale
        return digits == 0 ? "\(Int(rounded))" : "\(rounded)"
    }
}
