/// The place of an entry in a stream: milliseconds since 1970 and a number within the millisecond, as `1700000000000-0`.
package struct StreamID: Sendable, Hashable, Comparable, CustomStringConvertible {
    package let milliseconds: UInt64
    package let sequence: UInt64

    package init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// Reads `milliseconds-sequence`; nil for anything else, also for one number alone.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Self.number(parts[0]), let sequence = Self.number(parts[1]) else {
            return nil
        }
        self.init(milliseconds: milliseconds, sequence: sequence)
    }

    private static func number(_ digits: some StringProtocol) -> UInt64? {
        digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64(digits) : nil
    }

    package static func < (one: StreamID, other: StreamID) -> Bool {
        (one.milliseconds, one.sequence) < (other.milliseconds, other.sequence)
    }

    package var description: String { "\(self.milliseconds)-\(self.sequence)" }
}

/// One entry of a stream.
package struct StreamEntry: Sendable, Hashable {
    /// A named part of an entry.
    package struct Field: Sendable, Hashable {
        package let name: String
        package let value: [UInt8]

        package init(_ name: String, _ value: [UInt8]) {
            self.name = name
            self.value = value
        }
    }

    package let id: StreamID
    /// In the order in which they were added.
    package let fields: [Field]

    package init(id: StreamID, fields: [Field]) {
        self.id = id
        self.fields = fields
    }

    /// The value of the first field of that name.
    package subscript(name: String) -> [UInt8]? {
        self.fields.first { $0.name == name }?.value
    }
}
