/// Decimal numbers as text.
enum DecimalText {
    /// Digits that are written out at most, so that `1e999999999` does not fill the memory.
    private static let longest = 400

    /// The number without an exponent; nil for other values and for numbers of more than 400 digits written out.
    static func text(of value: JSONValue) -> String? {
        switch value {
        case .int(let value): String(value)
        case .double(let value): value.isFinite ? self.expanded(value.description) : nil
        case .number(let text), .string(let text): JSONNumber.isValid(text) ? self.expanded(text) : nil
        default: nil
        }
    }

    /// A number of the JSON grammar without its exponent.
    private static func expanded(_ text: String) -> String? {
        let parts = text.split(maxSplits: 1, whereSeparator: { $0 == "e" || $0 == "E" })
        guard let mantissa = parts.first, text.utf8.count <= self.longest else { return nil }
        guard parts.count == 2 else { return text }
        guard let exponent = Int(parts[1]), abs(exponent) <= self.longest else { return nil }
        let sign = mantissa.hasPrefix("-") ? "-" : ""
        let halves = mantissa.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
        let fraction = halves.count == 2 ? halves[1] : ""
        var digits = String(halves[0]) + fraction
        // Where the point stands, counted in digits from the left.
        var point = halves[0].count + exponent
        if point <= 0 {
            digits = String(repeating: "0", count: 1 - point) + digits
            point = 1
        }
        if point >= digits.count {
            digits += String(repeating: "0", count: point - digits.count)
            return sign + self.withoutLeadingZeros(digits)
        }
        let split = digits.index(digits.startIndex, offsetBy: point)
        let tail = digits[split...].reversed().drop { $0 == "0" }.reversed()
        let head = self.withoutLeadingZeros(String(digits[..<split]))
        return sign + head + (tail.isEmpty ? "" : "." + String(tail))
    }

    private static func withoutLeadingZeros(_ digits: String) -> String {
        let rest = digits.drop { $0 == "0" }
        return rest.isEmpty ? "0" : String(rest)
    }
}
