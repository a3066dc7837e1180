/// Cuts a member out of a JSON object without changing how it is written: numbers keep their digits, members their order.
enum JSONSlice {
    /// - Parameter text: Valid JSON.
    /// - Returns: Nil when it is no object or has no such member.
    static func member(_ name: String, of text: String) -> String? {
        let bytes = Array(text.utf8)
        var place = Self.skipSpace(bytes, 0)
        guard place < bytes.count, bytes[place] == 0x7B else { return nil }
        place = Self.skipSpace(bytes, place + 1)
        while place < bytes.count, bytes[place] == 0x22 {
            let keyEnd = Self.skipString(bytes, place)
            let key = PayloadValue(text: String(decoding: bytes[place..<keyEnd], as: UTF8.self))?.text
            let begin = Self.skipSpace(bytes, Self.skipSpace(bytes, keyEnd) + 1)
            let end = Self.skipValue(bytes, begin)
            guard begin <= end else { return nil }
            if key == name { return String(decoding: bytes[begin..<end], as: UTF8.self) }
            place = Self.skipSpace(bytes, end)
            guard place < bytes.count, bytes[place] == 0x2C else { return nil }
            place = Self.skipSpace(bytes, place + 1)
        }
        return nil
    }

    private static func skipSpace(_ bytes: [UInt8], _ start: Int) -> Int {
        var place = start
        while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
        return place
    }

    /// From the opening quotation mark to behind the closing one.
    private static func skipString(_ bytes: [UInt8], _ start: Int) -> Int {
        var place = start + 1
        while place < bytes.count, bytes[place] != 0x22 {
            place += bytes[place] == 0x5C ? 2 : 1
        }
        return min(place + 1, bytes.count)
    }

    private static func skipValue(_ bytes: [UInt8], _ start: Int) -> Int {
        var place = start
        var depth = 0
        while place < bytes.count {
            switch bytes[place] {
            case 0x22:
                place = Self.skipString(bytes, place)
                if depth == 0 { return place }
                continue
            case 0x7B, 0x5B: depth += 1
            case 0x7D, 0x5D:
                if depth == 0 { return place }
                depth -= 1
                if depth == 0 { return place + 1 }
            case 0x2C, 0x20, 0x09, 0x0A, 0x0D:
                if depth == 0 { return place }
            default: break
            }
            place += 1
        }
        return place
    }
}
