/// Bytes in a record: readable text where they are UTF-8, hexadecimal digits otherwise.
package struct Bytes: Sendable, Hashable, Codable {
    package var bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The text, if the bytes are UTF-8.
    package var text: String? { String(validating: self.bytes, as: UTF8.self) }

    private enum CodingKeys: String, CodingKey { case text, hex }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let text = try container.decodeIfPresent(String.self, forKey: .text) {
            self.bytes = Array(text.utf8)
            return
        }
        guard let bytes = Bytes.parse(hex: try container.decode(String.self, forKey: .hex)) else {
            throw DecodingError.dataCorruptedError(forKey: .hex, in: container, debugDescription: "not pairs of digits")
        }
        self.bytes = bytes
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if let text = self.text {
            try container.encode(text, forKey: .text)
        } else {
            try container.encode(Bytes.hex(self.bytes), forKey: .hex)
        }
    }

    /// Two lower-case digits a byte.
    package static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes spelled by pairs of digits; spaces between pairs are skipped. Nil for anything else.
    package static func parse(hex: String) -> [UInt8]? {
        let digits = hex.utf8.filter { $0 != 0x20 }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in digits {
            let value: UInt8
            switch digit {
            case 0x30...0x39: value = digit - 0x30
            case 0x61...0x66: value = digit - 0x57
            case 0x41...0x46: value = digit - 0x37
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }
}
