/// The grammar of RFC 8259 §2 to §7 over bytes that stay in place while it runs.
struct JSONScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    private let depth: Int
    var offset = 0

    init(bytes: UnsafeBufferPointer<UInt8>, depth: Int) {
        self.bytes = bytes
        self.depth = depth
    }

    /// One value with nothing but white space around it.
    mutating func readText() throws(JSONError) -> JSONValue {
        self.skipSpace()
        let value = try self.readValue(levelsLeft: self.depth)
        self.skipSpace()
        guard self.offset == self.bytes.count else { throw JSONError(.trailingBytes, at: self.offset) }
        return value
    }

    private mutating func readValue(levelsLeft: Int) throws(JSONError) -> JSONValue {
        switch try self.peek() {
        case UInt8(ascii: "\""):
            return .string(try self.readString())
        case UInt8(ascii: "{"):
            guard levelsLeft > 0 else { throw JSONError(.tooDeep, at: self.offset) }
            return .object(try self.readObject(levelsLeft: levelsLeft - 1))
        case UInt8(ascii: "["):
            guard levelsLeft > 0 else { throw JSONError(.tooDeep, at: self.offset) }
            return .array(try self.readArray(levelsLeft: levelsLeft - 1))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try self.readNumber()
        case UInt8(ascii: "t"):
            try self.expect("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try self.expect("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try self.expect("null")
            return .null
        case let byte:
            throw JSONError(.unexpectedByte(byte), at: self.offset)
        }
    }

    private mutating func readArray(levelsLeft: Int) throws(JSONError) -> [JSONValue] {
        self.offset += 1
        self.skipSpace()
        var elements: [JSONValue] = []
        if try self.peek() == UInt8(ascii: "]") {
            self.offset += 1
            return elements
        }
        while true {
            elements.append(try self.readValue(levelsLeft: levelsLeft))
            self.skipSpace()
            switch try self.peek() {
            case UInt8(ascii: ","):
                self.offset += 1
                self.skipSpace()
            case UInt8(ascii: "]"):
                self.offset += 1
                return elements
            case let byte:
                throw JSONError(.unexpectedByte(byte), at: self.offset)
            }
        }
    }

    private mutating func readObject(levelsLeft: Int) throws(JSONError) -> JSONObject {
        self.offset += 1
        self.skipSpace()
        var members = JSONObject()
        var filter = NameFilter()
        if try self.peek() == UInt8(ascii: "}") {
            self.offset += 1
            return members
        }
        while true {
            let first = try self.peek()
            guard first == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte(first), at: self.offset) }
            let key = try self.readString()
            self.skipSpace()
            let separator = try self.peek()
            guard separator == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte(separator), at: self.offset) }
            self.offset += 1
            self.skipSpace()
            let value = try self.readValue(levelsLeft: levelsLeft)
            if filter.insert(key) {
                members.appendNew(key, value)
            } else {
                members.append(key, value)
            }
            self.skipSpace()
            switch try self.peek() {
            case UInt8(ascii: ","):
                self.offset += 1
                self.skipSpace()
            case UInt8(ascii: "}"):
                self.offset += 1
                return members
            case let byte:
                throw JSONError(.unexpectedByte(byte), at: self.offset)
            }
        }
    }

    private mutating func expect(_ word: StaticString) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            let byte = try self.peek()
            guard byte == word.utf8Start[index] else { throw JSONError(.unexpectedByte(byte), at: self.offset) }
            self.offset += 1
        }
    }

    func peek() throws(JSONError) -> UInt8 {
        guard self.offset < self.bytes.count else { throw JSONError(.unexpectedEnd, at: self.offset) }
        return self.bytes[self.offset]
    }

    private mutating func skipSpace() {
        while self.offset < self.bytes.count {
            switch self.bytes[self.offset] {
            case 0x20, 0x0A, 0x0D, 0x09: self.offset += 1
            default: return
            }
        }
    }
}

/// Tells most new names of an object from those that it may have, so that few have to be searched for.
private struct NameFilter {
    private var bits: UInt64 = 0

    /// Whether the name is surely new.
    mutating func insert(_ name: String) -> Bool {
        let first = UInt64(name.utf8.first ?? 0)
        let last = UInt64(name.utf8.last ?? 0)
        let place = (UInt64(name.utf8.count) &* 31 &+ first &* 7 &+ last) & 63
        defer { self.bits |= 1 << place }
        return self.bits & 1 << place == 0
    }
}
