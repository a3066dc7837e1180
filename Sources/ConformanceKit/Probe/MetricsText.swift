/// Reads metrics in the text form of Prometheus (exposition format 0.0.4).
package enum MetricsText {
    /// The sum over all samples of a name whose labels have the wanted values; nil if there is none.
    ///
    /// - Parameter selector: `name`, or `name{label="value",…}`.
    package static func value(_ selector: String, in text: String) -> Double? {
        guard let wanted = self.series(Substring(selector)) else { return nil }
        var sum: Double?
        for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
            guard let found = self.series(line), found.name == wanted.name,
                wanted.labels.allSatisfy({ found.labels[$0.key] == $0.value })
            else { continue }
            let number = found.rest.split(whereSeparator: \.isWhitespace).first.flatMap { self.number($0) }
            guard let number else { continue }
            sum = (sum ?? 0) + number
        }
        return sum
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf", "Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": nil
        default: Double(text)
        }
    }

    private static func series(_ line: Substring) -> (name: Substring, labels: [String: String], rest: Substring)? {
        let name = line.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == ":" }
        var rest = line.dropFirst(name.count)
        guard !name.isEmpty else { return nil }
        var labels: [String: String] = [:]
        guard rest.first == "{" else { return (name, labels, rest) }
        rest = rest.dropFirst()
        while let first = rest.first, first != "}" {
            if first == "," || first.isWhitespace {
                rest = rest.dropFirst()
                continue
            }
            let label = rest.prefix { $0 != "=" && $0 != "}" }
            rest = rest.dropFirst(label.count)
            guard rest.hasPrefix("=\"") else { return nil }
            rest = rest.dropFirst(2)
            var value = ""
            while let character = rest.first, character != "\"" {
                rest = rest.dropFirst()
                guard character == "\\", let escaped = rest.first else {
                    value.append(character)
                    continue
                }
                value.append(escaped == "n" ? "\n" : escaped)
                rest = rest.dropFirst()
            }
            guard rest.first == "\"" else { return nil }
            rest = rest.dropFirst()
            labels[label.filter { !$0.isWhitespace }] = value
        }
        guard rest.first == "}" else { return nil }
        return (name, labels, rest.dropFirst())
    }
}
