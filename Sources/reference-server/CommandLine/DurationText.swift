import NIOCore

/// A duration as people write it: `500ms`, `3s`, `2m`, `1h`.
enum DurationText {
    /// Reads a duration of 1 ms to 24 h.
    static func parse(_ text: String) throws -> TimeAmount {
        let units: [(String, Int64)] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)]
        for (unit, milliseconds) in units where text.hasSuffix(unit) {
            let digits = text.dropLast(unit.count)
            guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(digits),
                (1...(86_400_000 / milliseconds)).contains(number)
            else { break }
            return .milliseconds(number * milliseconds)
        }
        throw Unusable("expected a duration from 1ms to 24h, such as 500ms, 3s or 2m")
    }

    /// Reads a duration of 0 to 24 h; none may be written without a unit.
    static func parseOrZero(_ text: String) throws -> TimeAmount {
        ["0", "0ms", "0s"].contains(text) ? .zero : try self.parse(text)
    }
}
