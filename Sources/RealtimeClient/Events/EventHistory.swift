/// The newest events, up to a number.
public struct EventHistory: Sendable {
    private var ring: [RealtimeEvent] = []
    private var oldest = 0
    /// How many are kept, at least 1.
    public let capacity: Int

    /// - Parameter capacity: How many are kept; less than 1 counts as 1.
    public init(capacity: Int = 100) {
        self.capacity = max(capacity, 1)
    }

    /// Adds the newest and forgets the oldest if there are too many.
    public mutating func append(_ event: RealtimeEvent) {
        if self.ring.count < self.capacity {
            self.ring.append(event)
        } else {
            self.ring[self.oldest] = event
            self.oldest = (self.oldest + 1) % self.capacity
        }
    }

    /// Forgets all.
    public mutating func clear() {
        self.ring = []
        self.oldest = 0
    }

    /// The oldest first.
    public var events: [RealtimeEvent] {
        Array(self.ring[self.oldest...] + self.ring[..<self.oldest])
    }
}
