import Glibc

/// What one subscription has to get, and what it got: numbers from 1 on, each once and in order.
package struct DeliveryLedger: Sendable, Equatable {
    /// How many different events have come.
    package private(set) var delivered = 0
    package private(set) var duplicates = 0
    /// Those that came behind a later one.
    package private(set) var reordered = 0
    /// Nonces of other subscriptions.
    package private(set) var foreign = 0
    private var next = 1
    /// Those before `next` that have not come yet; empty as long as all is well.
    private var missing: Set<Int> = []

    package init() {}

    /// Those that a later one overtook and that never came.
    package var missed: Int { self.missing.count }

    /// Takes the number of an event that came.
    package mutating func take(_ number: Int) {
        if number == self.next {
            self.next += 1
            self.delivered += 1
        } else if number > self.next {
            self.missing.formUnion(self.next..<number)
            self.next = number + 1
            self.delivered += 1
        } else if self.missing.remove(number) != nil {
            self.reordered += 1
            self.delivered += 1
        } else {
            self.duplicates += 1
        }
    }

    /// Takes a nonce of somebody else.
    package mutating func takeForeign() { self.foreign += 1 }
}

/// Finds the marks of a run in bytes, wherever they stand: `MARK` `TOPIC` `-` `NUMBER`, as in `gq7f3a-12-401`.
package struct LoadMark: Sendable {
    /// Its first byte occurs in it once.
    package let text: String
    private let bytes: [UInt8]

    /// A mark of its own for each run.
    package init(_ text: String = "gq\(String(UInt64.random(in: 0 ... .max), radix: 36))-") {
        self.text = text
        self.bytes = Array(text.utf8)
    }

    /// The nonce of an event.
    package func nonce(topic: Int, number: Int) -> String { "\(self.text)\(topic)-\(number)" }

    /// Calls the body for each nonce, in the order of the bytes; says whether there was one.
    @inline(__always)
    package func find(
        in buffer: UnsafeBufferPointer<UInt8>, _ body: (_ topic: Int, _ number: Int) -> Void
    ) -> Bool {
        guard let base = buffer.baseAddress else { return false }
        let length = self.bytes.count
        var found = false
        var place = 0
        self.bytes.withUnsafeBufferPointer { mark in
            guard let first = mark.baseAddress else { return }
            while place + length < buffer.count,
                let hit = memchr(base + place, Int32(first.pointee), buffer.count - place - length)
            {
                place = UnsafeRawPointer(hit) - UnsafeRawPointer(base)
                guard memcmp(base + place, first, length) == 0 else {
                    place += 1
                    continue
                }
                place += length
                guard let topic = Self.number(buffer, &place), place < buffer.count,
                    buffer[place] == UInt8(ascii: "-")
                else { continue }
                place += 1
                if let number = Self.number(buffer, &place) {
                    found = true
                    body(topic, number)
                }
            }
        }
        return found
    }

    @inline(__always)
    private static func number(_ buffer: UnsafeBufferPointer<UInt8>, _ place: inout Int) -> Int? {
        let start = place
        var value = 0
        while place < buffer.count, case let digit = buffer[place] &- 0x30, digit < 10, place - start < 18 {
            value = value * 10 + Int(digit)
            place += 1
        }
        return place > start ? value : nil
    }
}
