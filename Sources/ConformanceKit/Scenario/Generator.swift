/// Values that would be too long to write down: `{$repeat: "x", times: 1000}` and `{$nest: 1000}`.
enum Generator {
    /// More than this many bytes are never made from one generator.
    static let maximumBytes = 256 << 20

    /// Whether an object is one of ours.
    static func isGenerator(_ value: JSON) -> Bool { value["$repeat"] != nil || value["$nest"] != nil }

    /// The string of a `$repeat`, or nil if it is none or too long.
    static func string(_ value: JSON) -> String? {
        guard let unit = value["$repeat"]?.stringValue, let times = value["times"]?.integer, times >= 0 else {
            return nil
        }
        let (bytes, overflow) = unit.utf8.count.multipliedReportingOverflow(by: times)
        guard !overflow, bytes <= self.maximumBytes else { return nil }
        let before = value["before"]?.stringValue ?? ""
        let after = value["after"]?.stringValue ?? ""
        return before + String(repeating: unit, count: times) + after
    }

    /// JSON text with every generator carried out. Deep nesting is written without recursion.
    static func text(_ value: JSON) -> String {
        var text = ""
        self.write(value, into: &text)
        return text
    }

    private static func write(_ value: JSON, into text: inout String) {
        switch value {
        case .array(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                self.write(item, into: &text)
            }
            text += "]"
        case .object(let members):
            if let string = self.string(value) {
                text += JSON.string(string).text
                return
            }
            if let depth = value["$nest"]?.integer, depth >= 0, depth <= self.maximumBytes / 2 {
                text += String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
                return
            }
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                text += JSON.string(member.name).text + ":"
                self.write(member.value, into: &text)
            }
            text += "}"
        default: text += value.text
        }
    }
}

extension JSON {
    /// A whole number, also when a template made it a string.
    var integer: Int? { self.intValue ?? self.stringValue.flatMap { Int($0) } }
}
