/// Values that would be too long to write down, or whose length the profile says: `{$repeat: "x", times: 1000}` and
/// `{$nest: 1000}`.
enum Generator {
    /// More than this many bytes are never made from one generator.
    static let maximumBytes = 256 << 20

    /// Whether an object is one of ours.
    static func isGenerator(_ value: JSON) -> Bool { value["$repeat"] != nil || value["$nest"] != nil }

    /// What may stand beside `$repeat`.
    static let companions: Set<String> = ["times", "plus", "before", "inside", "close", "after"]

    /// The string of a `$repeat`, or nil if it is none, too long, or repeated less than not at all.
    ///
    /// In this order: `before`, the unit as often as `times` and `plus` say together, `inside`, `close` as often, `after`.
    static func string(_ value: JSON) -> String? {
        guard let unit = value["$repeat"]?.stringValue, let times = value["times"]?.integer else { return nil }
        let (count, isTooMuch) = times.addingReportingOverflow(value["plus"]?.integer ?? 0)
        let close = value["close"]?.stringValue ?? ""
        guard !isTooMuch, count >= 0 else { return nil }
        let (bytes, overflow) = (unit.utf8.count + close.utf8.count).multipliedReportingOverflow(by: count)
        guard !overflow, bytes <= self.maximumBytes else { return nil }
        func part(_ name: String) -> String { value[name]?.stringValue ?? "" }
        return part("before") + String(repeating: unit, count: count) + part("inside")
            + String(repeating: close, count: count) + part("after")
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
