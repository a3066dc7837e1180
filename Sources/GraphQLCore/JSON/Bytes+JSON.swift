/// Appending JSON text to a byte buffer.
extension [UInt8] {
    /// Appends the bytes of a literal.
    mutating func append(ascii literal: StaticString) {
        self.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    /// Appends the JSON text of the value.
    mutating func appendJSON(_ value: JSONValue) {
        switch value {
        case .null: self.append(ascii: "null")
        case .bool(let value): self.append(ascii: value ? "true" : "false")
        case .int(let value): self.appendJSONInteger(value)
        case .double(let value): self.appendJSONDouble(value)
        case .number(let text):
            if JSONNumber.isValid(text) {
                self.append(contentsOf: text.utf8)
            } else {
                self.appendJSONString(text)
            }
        case .string(let text): self.appendJSONString(text)
        case .array(let elements):
            self.append(UInt8(ascii: "["))
            var isFirst = true
            for element in elements {
                if !isFirst {
                    self.append(UInt8(ascii: ","))
                }
                isFirst = false
                self.appendJSON(element)
            }
            self.append(UInt8(ascii: "]"))
        case .object(let members): self.appendJSON(members)
        }
    }

    /// Appends the JSON text of the object.
    mutating func appendJSON(_ members: JSONObject) {
        self.append(UInt8(ascii: "{"))
        var isFirst = true
        for (key, value) in members {
            if !isFirst {
                self.append(UInt8(ascii: ","))
            }
            isFirst = false
            self.appendJSONString(key)
            self.append(UInt8(ascii: ":"))
            self.appendJSON(value)
        }
        self.append(UInt8(ascii: "}"))
    }

    /// Appends the decimal digits of a whole number.
    mutating func appendJSONInteger(_ value: Int64) {
        if 0..<10 ~= value {
            self.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value))
            return
        }
        // 20 bytes hold a sign and the 19 digits of the largest magnitude.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var start = 20
            var rest = value.magnitude
            repeat {
                let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
                start -= 1
                digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
                rest = quotient
            } while rest != 0
            if value < 0 {
                start -= 1
                digits[start] = UInt8(ascii: "-")
            }
            self.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start..<20]))
        }
    }

    /// Appends the shortest digits that give the same number back; `null` for infinities and NaN.
    mutating func appendJSONDouble(_ value: Double) {
        guard value.isFinite else {
            self.append(ascii: "null")
            return
        }
        if !self.appendShortDecimal(value) {
            self.append(contentsOf: value.description.utf8)
        }
    }

    /// Appends a number of at most three digits after the point and fifteen in all. It has no shorter form: no two
    /// decimals of up to fifteen digits are the same `Double`.
    /// - Returns: false, with nothing appended, for other numbers.
    private mutating func appendShortDecimal(_ value: Double) -> Bool {
        guard value.magnitude < 1e12, value.magnitude >= 1e-3 else { return false }
        var scale: Int64 = 1
        for places in 0...3 {
            let scaled = Int64(value.magnitude * Double(scale) + 0.5)
            // Both are exact as Doubles, so the quotient is the number that these digits stand for.
            if Double(scaled) / Double(scale) == value.magnitude {
                let (whole, fraction) = scaled.quotientAndRemainder(dividingBy: scale)
                if value < 0 {
                    self.append(UInt8(ascii: "-"))
                }
                self.appendJSONInteger(whole)
                self.append(UInt8(ascii: "."))
                var unit = places == 0 ? 1 : scale / 10
                while unit > 0 {
                    self.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: fraction / unit % 10))
                    unit /= 10
                }
                return true
            }
            scale *= 10
        }
        return false
    }

    /// Appends the text in quotation marks, with the characters escaped that must be (RFC 8259 §7).
    mutating func appendJSONString(_ text: String) {
        self.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { self.appendEscaped($0) }
        self.append(UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ bytes: UnsafeBufferPointer<UInt8>) {
        var runStart = 0
        var index = 0
        while true {
            index = bytes.plainTextEnd(from: index)
            guard index < bytes.count else { break }
            let byte = bytes[index]
            defer { index += 1 }
            self.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart..<index]))
            runStart = index + 1
            self.append(UInt8(ascii: "\\"))
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): self.append(byte)
            case 0x08: self.append(UInt8(ascii: "b"))
            case 0x09: self.append(UInt8(ascii: "t"))
            case 0x0A: self.append(UInt8(ascii: "n"))
            case 0x0C: self.append(UInt8(ascii: "f"))
            case 0x0D: self.append(UInt8(ascii: "r"))
            default:
                self.append(ascii: "u00")
                self.append(UInt8(ascii: "0") + byte >> 4)
                let low = byte & 0x0F
                self.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
            }
        }
        self.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[runStart...]))
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// Where the first byte at or after `start` stands that a JSON string cannot hold as it is (a control character,
    /// quotation mark or backslash); the count when there is none.
    func plainTextEnd(from start: Int) -> Int {
        var offset = start
        let raw = UnsafeRawBufferPointer(self)
        while offset + 8 <= raw.count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            // In each byte, the highest bit is set when the byte is what is looked for; a false alarm is possible only
            // after a true one.
            let quotes = word ^ 0x2222_2222_2222_2222
            let backslashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
            let found =
                ((word &- 0x2020_2020_2020_2020) & ~word) | ((quotes &- 0x0101_0101_0101_0101) & ~quotes)
                | ((backslashes &- 0x0101_0101_0101_0101) & ~backslashes)
            let bits = found & 0x8080_8080_8080_8080
            if bits != 0 {
                return offset + bits.trailingZeroBitCount / 8
            }
            offset += 8
        }
        while offset < raw.count, raw[offset] >= 0x20, raw[offset] != 0x22, raw[offset] != 0x5C {
            offset += 1
        }
        return offset
    }
}
