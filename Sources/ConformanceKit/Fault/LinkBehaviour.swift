/// What a fault proxy does to the bytes of its links.
package struct LinkBehaviour: Sendable, Equatable {
    /// One direction.
    package struct Flow: Sendable, Equatable {
        /// Bytes stay where they are until this is over.
        package var isBlocked = false
        /// Nanoseconds that every piece waits.
        package var latency: UInt64 = 0
        /// Nanoseconds that a piece may wait in addition, at random.
        package var jitter: UInt64 = 0
        package var bytesPerSecond: Int?
        /// The largest piece in bytes.
        package var slice: Int?
        /// The link is cut when so many bytes have passed in this direction.
        package var cutAfter: Int?

        package init() {}
    }

    /// From the client on.
    package var up = Flow()
    /// To the client.
    package var down = Flow()

    package init() {}

    package static let clear = LinkBehaviour()
}

/// When the pieces of one direction are passed on. Knows no clock of its own.
package struct LinkShaper: Sendable {
    /// A piece and the time (nanoseconds) at which it is due.
    package struct Piece: Sendable, Equatable {
        package var bytes: ArraySlice<UInt8>
        package var due: UInt64
    }

    /// The last piece is due then: pieces never overtake each other.
    private var lastDue: UInt64 = 0
    /// The time until which a limited rate is used up.
    private var busyUntil: UInt64 = 0
    private var passed = 0

    package init() {}

    /// Takes bytes in that came at a time.
    ///
    /// - Parameter random: A number from 0 to 1 for each piece.
    /// - Returns: The pieces in order, and whether the link is to be cut behind the last one.
    package mutating func take(
        _ bytes: [UInt8], at now: UInt64, _ flow: LinkBehaviour.Flow, random: () -> Double
    ) -> (pieces: [Piece], cuts: Bool) {
        var rest = bytes[...]
        var cuts = false
        if let limit = flow.cutAfter, self.passed + rest.count >= limit {
            rest = rest.prefix(max(0, limit - self.passed))
            cuts = true
        }
        var pieces: [Piece] = []
        // A limited rate passes pieces of a twentieth of a second each.
        let rateSlice = flow.bytesPerSecond.map { max(1, $0 / 20) } ?? .max
        let size = max(1, min(flow.slice ?? .max, rateSlice))
        while !rest.isEmpty {
            let piece = rest.prefix(size)
            rest = rest.dropFirst(size)
            var due = now + flow.latency + UInt64(Double(flow.jitter) * random())
            if let rate = flow.bytesPerSecond {
                let cost = UInt64(piece.count) * 1_000_000_000 / UInt64(max(1, rate))
                self.busyUntil = max(self.busyUntil, now) + cost
                due = max(due, self.busyUntil)
            }
            due = max(due, self.lastDue)
            self.lastDue = due
            self.passed += piece.count
            pieces.append(Piece(bytes: piece, due: due))
        }
        return (pieces, cuts)
    }
}
