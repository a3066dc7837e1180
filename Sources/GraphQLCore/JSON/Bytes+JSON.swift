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
        self.append(contentsOf: value.description.utf8)
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
        for index in bytes.indices {
            let byte = bytes[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
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
