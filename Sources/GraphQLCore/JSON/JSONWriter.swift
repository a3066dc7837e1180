/// Writes JSON (RFC 8259) into a growing byte buffer, in the order of the calls, without white space.
///
/// The bytes are valid UTF-8. The writer puts the commas; that calls nest properly (each `begin…` with its `end…`, a
/// `key` before each member's value) is the caller's affair.
package struct JSONWriter: Sendable {
    /// What has been written so far.
    package private(set) var bytes: [UInt8] = []
    /// Whether the next key or element has to be parted from one before.
    private var needsComma = false

    /// A writer with room for that many bytes before it has to grow.
    package init(capacity: Int = 256) {
        self.bytes.reserveCapacity(capacity)
    }

    /// Opens an object.
    package mutating func beginObject() {
        self.begin(UInt8(ascii: "{"))
    }

    /// Closes the object opened last.
    package mutating func endObject() {
        self.end(UInt8(ascii: "}"))
    }

    /// Opens an array.
    package mutating func beginArray() {
        self.begin(UInt8(ascii: "["))
    }

    /// Closes the array opened last.
    package mutating func endArray() {
        self.end(UInt8(ascii: "]"))
    }

    /// Writes the name of a member, whose value comes next.
    package mutating func key(_ name: String) {
        self.separate()
        self.bytes.appendJSONString(name)
        self.bytes.append(UInt8(ascii: ":"))
        self.needsComma = false
    }

    /// Writes a whole value.
    package mutating func value(_ value: JSONValue) {
        self.separate()
        self.bytes.appendJSON(value)
    }

    /// Writes a string.
    package mutating func string(_ value: String) {
        self.separate()
        self.bytes.appendJSONString(value)
    }

    /// Writes a whole number.
    package mutating func int(_ value: Int64) {
        self.separate()
        self.bytes.appendJSONInteger(value)
    }

    /// Writes `true` or `false`.
    package mutating func bool(_ value: Bool) {
        self.separate()
        self.bytes.append(ascii: value ? "true" : "false")
    }

    /// Writes `null`.
    package mutating func null() {
        self.separate()
        self.bytes.append(ascii: "null")
    }

    /// Writes bytes that are one JSON value already, such as an execution result. They are not checked.
    package mutating func raw(_ json: [UInt8]) {
        self.separate()
        self.bytes.append(contentsOf: json)
    }

    private mutating func begin(_ bracket: UInt8) {
        self.separate()
        self.bytes.append(bracket)
        self.needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        self.bytes.append(bracket)
        self.needsComma = true
    }

    private mutating func separate() {
        if self.needsComma {
            self.bytes.append(UInt8(ascii: ","))
        }
        self.needsComma = true
    }
}

extension JSONValue {
    /// The JSON text of the value, in UTF-8, without white space, members in order.
    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendJSON(self)
        return bytes
    }

    /// The JSON text of the value.
    package var text: String {
        String(decoding: self.encoded(), as: UTF8.self)
    }
}
