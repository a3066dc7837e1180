/// Durations and sizes as they are written in scenarios and profiles.
package enum DurationText {
    /// Nanoseconds of `250ms`, `2s`, `1m`, of sums such as `3s + 500ms` and of parts such as `50% of 3s`; nil for
    /// anything else.
    package static func nanoseconds(_ text: String) -> UInt64? {
        var total: UInt64 = 0
        for term in text.split(separator: "+", omittingEmptySubsequences: false) {
            guard let value = self.term(self.trim(term)) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(value)
            guard !overflow else { return nil }
            total = sum
        }
        return total
    }

    private static func term(_ text: Substring) -> UInt64? {
        if let percent = text.firstIndex(of: "%") {
            let rest = self.trim(text[text.index(after: percent)...])
            guard rest.hasPrefix("of "), let share = Double(text[..<percent]), share >= 0, share <= 1_000,
                let whole = self.single(self.trim(rest.dropFirst(3)))
            else { return nil }
            return UInt64(Double(whole) * share / 100)
        }
        return self.single(text)
    }

    private static func single(_ text: Substring) -> UInt64? {
        let units: [(suffix: String, factor: Double)] = [
            ("ns", 1), ("us", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3_600e9),
        ]
        for unit in units where text.hasSuffix(unit.suffix) {
            guard let value = Double(self.trim(text.dropLast(unit.suffix.count))), value >= 0,
                value * unit.factor < 1e18
            else { continue }
            return UInt64(value * unit.factor)
        }
        return nil
    }

    /// Bytes of `64KiB`, `1MiB`, `100`; nil for anything else.
    package static func bytes(_ text: String) -> Int? {
        let units: [(suffix: String, factor: Int)] = [
            ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("kB", 1_000), ("MB", 1_000_000), ("B", 1), ("", 1),
        ]
        for unit in units where text.hasSuffix(unit.suffix) {
            guard let value = Int(self.trim(text.dropLast(unit.suffix.count))), value >= 0 else { continue }
            let (bytes, overflow) = value.multipliedReportingOverflow(by: unit.factor)
            return overflow ? nil : bytes
        }
        return nil
    }

    private static func trim(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
