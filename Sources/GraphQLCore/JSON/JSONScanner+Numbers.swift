/// Numbers, RFC 8259 §6.
extension JSONScanner {
    /// The number that begins with the sign or digit here.
    mutating func readNumber() throws(JSONError) -> JSONValue {
        let start = self.offset
        guard let number = JSONNumber.scan(self.bytes, from: start) else {
            throw JSONError(.invalidNumber, at: start)
        }
        self.offset = number.end
        return number.value(of: UnsafeBufferPointer(rebasing: self.bytes[start..<number.end]))
    }
}

/// What the grammar finds in the text of one number.
struct JSONNumber {
    /// Where the number ends, exclusive.
    private(set) var end: Int
    private var isNegative = false
    private var isWhole = true
    /// The digits from the first to the last that is not zero, as one number, while they are at most 19.
    private var digits: UInt64 = 0
    private var digitCount = 0
    /// The power of ten by which `digits` has to be multiplied.
    private var exponent = 0
    /// Zeros since the last digit that is not zero; they count only when another follows.
    private var pendingZeros = 0

    /// Powers of ten that a `Double` holds exactly.
    private static let exactPowers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// Reads the number that begins at `start`; nil when the grammar is broken.
    static func scan(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> JSONNumber? {
        var number = JSONNumber(end: start)
        return number.scan(bytes) ? number : nil
    }

    /// Whether all of the text is one number.
    static func isValid(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            self.scan(bytes, from: 0)?.end == bytes.count
        }
    }

    private mutating func scan(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        func byte(_ offset: Int) -> UInt8 { offset < bytes.count ? bytes[offset] : 0 }
        func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

        if byte(self.end) == UInt8(ascii: "-") {
            self.isNegative = true
            self.end += 1
        }
        guard isDigit(byte(self.end)) else { return false }
        if byte(self.end) == UInt8(ascii: "0") {
            self.end += 1
            guard !isDigit(byte(self.end)) else { return false }
        }
        while isDigit(byte(self.end)) {
            self.add(byte(self.end) - UInt8(ascii: "0"))
            self.end += 1
        }
        if byte(self.end) == UInt8(ascii: ".") {
            self.isWhole = false
            self.end += 1
            guard isDigit(byte(self.end)) else { return false }
            while isDigit(byte(self.end)) {
                self.add(byte(self.end) - UInt8(ascii: "0"))
                self.exponent -= 1
                self.end += 1
            }
        }
        if byte(self.end) | 0x20 == UInt8(ascii: "e") {
            self.isWhole = false
            self.end += 1
            let isNegative = byte(self.end) == UInt8(ascii: "-")
            if isNegative || byte(self.end) == UInt8(ascii: "+") {
                self.end += 1
            }
            guard isDigit(byte(self.end)) else { return false }
            var power = 0
            while isDigit(byte(self.end)) {
                // Beyond this no Double reaches whatever the digits are, and the sum below cannot overflow.
                power = min(power * 10 + Int(byte(self.end) - UInt8(ascii: "0")), 1 << 40)
                self.end += 1
            }
            self.exponent += isNegative ? -power : power
        }
        self.exponent += self.pendingZeros
        return true
    }

    private mutating func add(_ digit: UInt8) {
        guard digit != 0 else {
            if self.digitCount > 0 {
                self.pendingZeros += 1
            }
            return
        }
        let length = self.digitCount + self.pendingZeros + 1
        if length <= 19 {
            for _ in 0..<self.pendingZeros {
                self.digits *= 10
            }
            self.digits = self.digits * 10 + UInt64(digit)
        }
        self.digitCount = length
        self.pendingZeros = 0
    }

    /// The number, of which `text` is the whole text.
    func value(of text: UnsafeBufferPointer<UInt8>) -> JSONValue {
        if self.isWhole, let value = self.wholeValue {
            return .int(value)
        }
        if let value = self.exactDouble {
            return .double(value)
        }
        let text = String(decoding: text, as: UTF8.self)
        // No Double needs more than 17 digits to be told from all others.
        guard self.digitCount <= 17, let value = Double(text), value.isFinite, self.isSame(as: value) else {
            return .number(text)
        }
        return .double(value)
    }

    private var wholeValue: Int64? {
        // Without a point or an exponent, the power of ten is that of the zeros at the end.
        guard self.digitCount + self.exponent <= 19 else { return nil }
        var value = self.digits
        for _ in 0..<self.exponent {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            value = product
        }
        if self.isNegative {
            return value <= UInt64(Int64.max) + 1 ? Int64(truncatingIfNeeded: 0 &- value) : nil
        }
        return Int64(exactly: value)
    }

    /// The value when both digits and power of ten are exact as `Double`s, so that one rounding gives the nearest; up
    /// to 15 digits the nearest also has these digits as its shortest form.
    private var exactDouble: Double? {
        guard self.digitCount <= 15 else { return nil }
        if self.digitCount == 0 {
            return self.isNegative ? -0.0 : 0
        }
        guard self.exponent.magnitude <= 22 else { return nil }
        let power = Self.exactPowers[Int(self.exponent.magnitude)]
        let value = self.exponent < 0 ? Double(self.digits) / power : Double(self.digits) * power
        return self.isNegative ? -value : value
    }

    /// Whether the shortest form of the value has the same digits.
    private func isSame(as value: Double) -> Bool {
        var text = value.magnitude.description
        return text.withUTF8 { bytes in
            guard let other = JSONNumber.scan(bytes, from: 0) else { return false }
            return other.digits == self.digits && other.exponent == self.exponent
        }
    }
}
