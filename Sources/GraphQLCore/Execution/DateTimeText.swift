/// A date and time of RFC 3339 §5.6, checked against the calendar.
struct DateTimeText {
    /// With a capital `T`, and with an offset or `Z`.
    let text: String

    /// Nil when the text is none. Without `requiresOffset` the offset may be missing, which means UTC.
    init?(_ text: String, requiresOffset: Bool) {
        var bytes = Array(text.utf8)
        func number(_ start: Int, _ length: Int, _ range: ClosedRange<Int>) -> Int? {
            guard start + length <= bytes.count else { return nil }
            var value = 0
            for byte in bytes[start..<start + length] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            return range.contains(value) ? value : nil
        }
        func has(_ byte: Character, at offset: Int) -> Bool {
            offset < bytes.count && bytes[offset] == byte.asciiValue
        }

        guard let year = number(0, 4, 0...9999), has("-", at: 4), let month = number(5, 2, 1...12), has("-", at: 7),
            number(8, 2, 1...Self.days(in: month, of: year)) != nil,
            has("T", at: 10) || has("t", at: 10) || (has(" ", at: 10) && !requiresOffset),
            number(11, 2, 0...23) != nil, has(":", at: 13), number(14, 2, 0...59) != nil, has(":", at: 16),
            // 60 is a leap second.
            number(17, 2, 0...60) != nil
        else { return nil }
        bytes[10] = UInt8(ascii: "T")
        var end = 19
        if has(".", at: end) {
            let start = end + 1
            end = start
            while number(end, 1, 0...9) != nil {
                end += 1
            }
            guard end > start else { return nil }
        }
        if end == bytes.count {
            guard !requiresOffset else { return nil }
            bytes.append(UInt8(ascii: "Z"))
        } else if has("Z", at: end) || has("z", at: end) {
            guard end + 1 == bytes.count else { return nil }
            bytes[end] = UInt8(ascii: "Z")
        } else {
            guard has("+", at: end) || has("-", at: end), number(end + 1, 2, 0...23) != nil, has(":", at: end + 3),
                number(end + 4, 2, 0...59) != nil, end + 6 == bytes.count
            else { return nil }
        }
        self.text = String(decoding: bytes, as: UTF8.self)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
