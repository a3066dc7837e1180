import NIOCore
import PubSub

/// The commands of one link that await their replies, oldest first. Redis replies in the order of the commands.
struct PendingReplies<Completion> {
    private struct Entry {
        let bytes: Int
        let deadline: NIODeadline
        let subject: ShardSubject?
        let completion: Completion
    }

    /// Storage for so many is kept although nothing waits.
    private static var keptCapacity: Int { 256 }

    private var entries = CircularBuffer<Entry>()
    private var bytes = 0
    private let maximumCount: Int
    private let maximumBytes: Int

    /// - Parameters:
    ///   - maximumCount: How many may wait, inclusive.
    ///   - maximumBytes: How many bytes they may have, inclusive; the first may have more.
    init(maximumCount: Int, maximumBytes: Int) {
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
    }

    var isEmpty: Bool { self.entries.isEmpty }

    /// When the oldest has to be answered. All wait equally long, so no other is due earlier.
    var nextDeadline: NIODeadline? { self.entries.first?.deadline }

    /// What the oldest is about, on a link of a cluster.
    var nextSubject: ShardSubject? { self.entries.first?.subject }

    /// Why a command of that size should not be added; nil if it may.
    func excess(adding bytes: Int) -> BusError? {
        guard self.entries.count < self.maximumCount else {
            return BusError(.overloaded, "\(self.entries.count) commands wait for Redis already")
        }
        guard self.entries.isEmpty || self.bytes + bytes <= self.maximumBytes else {
            return BusError(.overloaded, "\(self.bytes) bytes of commands wait for Redis already")
        }
        return nil
    }

    /// Adds a command, whatever waits already.
    mutating func append(
        bytes: Int, deadline: NIODeadline, subject: ShardSubject? = nil, _ completion: Completion
    ) {
        self.bytes += bytes
        self.entries.append(Entry(bytes: bytes, deadline: deadline, subject: subject, completion: completion))
    }

    /// Takes the command that a reply belongs to; nil if none waits.
    mutating func removeFirst() -> Completion? {
        guard let entry = self.entries.popFirst() else { return nil }
        self.bytes -= entry.bytes
        // Removing keeps the storage of the busiest moment.
        if self.entries.isEmpty, self.entries.capacity > Self.keptCapacity { self.entries = CircularBuffer() }
        return entry.completion
    }

    /// Takes them all, oldest first.
    mutating func removeAll() -> [Completion] {
        defer {
            self.entries.removeAll()
            self.bytes = 0
        }
        return self.entries.map(\.completion)
    }
}
