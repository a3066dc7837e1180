import GraphQLCore
package import NIOCore
package import SubscriptionProtocols

/// What waits for a client that does not take it: one queue for each operation, with bounds, and turns between them so
/// that a busy operation does not keep the others waiting. A value without channel or clock.
package struct DeliveryQueue {
    /// What an operation sends.
    package enum Content: Sendable {
        /// A result, see `OperationReceiver.deliver`.
        case event(ByteBuffer)
        /// The message that ends the operation, as it is sent.
        case end([UInt8])
    }

    /// One message that has waited.
    package struct Item: Sendable {
        /// Whose it is.
        package let id: OperationID
        package var content: Content
        /// How many events were dropped right before it.
        package var dropped = 0
    }

    /// What became of an event.
    package enum OnEvent: Equatable, Sendable {
        case queued
        /// It waits, and so many others were dropped for it.
        case droppedOldest(Int)
        /// It was dropped.
        case droppedNewest
        /// There is no room; the operation has to end.
        case overflow
    }

    private struct Lane {
        var items = CircularBuffer<Item>(initialCapacity: 4)
        var bytes = 0
        var events = 0
        /// Dropped behind what waits.
        var dropped = 0
    }

    private let policy: BackPressurePolicy
    private let byteLimit: Int
    private var lanes: [OperationID: Lane] = [:]
    private var turns = CircularBuffer<OperationID>(initialCapacity: 4)

    /// Events that wait.
    package private(set) var events = 0
    /// Bytes that wait.
    package private(set) var bytes = 0

    /// - Parameter byteLimit: bytes of all operations together, inclusive.
    package init(_ policy: BackPressurePolicy, byteLimit: Int) {
        self.policy = policy
        self.byteLimit = byteLimit
    }

    /// Whether nothing waits and nothing is to be told: then events need not come here.
    package var isIdle: Bool { self.lanes.isEmpty }

    /// Whether something waits.
    package var hasItems: Bool { !self.turns.isEmpty }

    /// Whether something of the operation waits.
    package func holds(_ id: OperationID) -> Bool { self.lanes[id]?.items.isEmpty == false }

    /// An event of an operation that goes on.
    package mutating func append(event payload: ByteBuffer, of id: OperationID) -> OnEvent {
        var lane = self.lanes.removeValue(forKey: id) ?? Lane()
        defer { self.lanes[id] = lane }
        var dropped = 0
        while !self.hasRoom(for: payload.readableBytes, in: lane) {
            switch self.policy.overflow {
            case .end:
                return .overflow
            case .dropNewest:
                lane.dropped += 1
                return .droppedNewest
            case .dropOldest:
                // Where others have taken the room of the connection, nothing is won by dropping one's own.
                let others = self.bytes - lane.bytes
                let isUseful = others == 0 || others + payload.readableBytes <= self.byteLimit
                guard isUseful, let oldest = self.popEvent(&lane) else {
                    lane.dropped += 1
                    return .droppedNewest
                }
                dropped += 1
                if lane.items.isEmpty {
                    lane.dropped += oldest.dropped + 1
                } else {
                    lane.items[lane.items.startIndex].dropped += oldest.dropped + 1
                }
            }
        }
        self.push(.event(payload), of: id, to: &lane)
        return dropped > 0 ? .droppedOldest(dropped) : .queued
    }

    /// The one result of an operation. False when the connection has no room for it; it cannot be dropped.
    package mutating func append(result payload: ByteBuffer, of id: OperationID) -> Bool {
        guard self.bytes == 0 || self.bytes + payload.readableBytes <= self.byteLimit else { return false }
        var lane = self.lanes.removeValue(forKey: id) ?? Lane()
        self.push(.event(payload), of: id, to: &lane)
        self.lanes[id] = lane
        return true
    }

    /// The end of an operation, behind what waits of it.
    package mutating func append(end message: [UInt8], of id: OperationID) {
        var lane = self.lanes.removeValue(forKey: id) ?? Lane()
        self.push(.end(message), of: id, to: &lane)
        self.lanes[id] = lane
    }

    /// Forgets what waits of an operation: the client does not want it any more, or uses its id again.
    /// - Returns: how many events.
    package mutating func remove(_ id: OperationID) -> Int {
        guard let lane = self.lanes.removeValue(forKey: id) else { return 0 }
        self.events -= lane.events
        self.bytes -= lane.bytes
        return lane.events
    }

    /// Takes the next message, of one operation after the other.
    package mutating func next() -> Item? {
        while let id = self.turns.popFirst() {
            guard var lane = self.lanes.removeValue(forKey: id), let item = lane.items.popFirst() else { continue }
            self.taken(item, from: &lane)
            if !lane.items.isEmpty {
                self.lanes[id] = lane
                self.turns.append(id)
            } else if lane.dropped > 0, case .event = item.content {
                // The next event has something to tell.
                self.lanes[id] = lane
            }
            return item
        }
        return nil
    }

    private func hasRoom(for bytes: Int, in lane: Lane) -> Bool {
        guard lane.events > 0 else { return self.bytes == 0 || self.bytes + bytes <= self.byteLimit }
        return lane.events < self.policy.queuedEvents && lane.bytes + bytes <= self.policy.queuedBytes
            && self.bytes + bytes <= self.byteLimit
    }

    private mutating func push(_ content: Content, of id: OperationID, to lane: inout Lane) {
        if lane.items.isEmpty {
            self.turns.append(id)
        }
        lane.items.append(Item(id: id, content: content, dropped: lane.dropped))
        lane.dropped = 0
        if case .event(let payload) = content {
            lane.events += 1
            lane.bytes += payload.readableBytes
            self.events += 1
            self.bytes += payload.readableBytes
        }
    }

    private mutating func popEvent(_ lane: inout Lane) -> Item? {
        guard let item = lane.items.popFirst() else { return nil }
        self.taken(item, from: &lane)
        return item
    }

    private mutating func taken(_ item: Item, from lane: inout Lane) {
        guard case .event(let payload) = item.content else { return }
        lane.events -= 1
        lane.bytes -= payload.readableBytes
        self.events -= 1
        self.bytes -= payload.readableBytes
    }
}

/// Tells a client of events that it did not get.
package enum GapNotice {
    /// Adds the member `gap` with `{"dropped":n}` to the `extensions` of a result.
    /// - Parameters:
    ///   - payload: the text of an execution result, followed by `suffix` bytes.
    ///   - suffix: bytes behind the result's last brace.
    /// - Returns: a text of its own; the payload itself when it is not what was promised.
    package static func add(_ dropped: Int, to payload: ByteBuffer, suffix: Int) -> ByteBuffer {
        let bytes = Array(payload.readableBytesView)
        guard dropped > 0, bytes.count > suffix, let value = try? JSONReader.read(Array(bytes.dropLast(suffix))),
            case .object(var result) = value
        else { return payload }
        var extensions = result["extensions"]?.objectValue ?? [:]
        extensions["gap"] = ["dropped": .int(Int64(dropped))]
        result["extensions"] = .object(extensions)
        var told = ByteBuffer(bytes: JSONValue.object(result).encoded())
        told.writeBytes(bytes.suffix(suffix))
        return told
    }
}

extension LabelledCounter {
    /// Counts what an overflow cost.
    func add(_ outcome: DeliveryQueue.OnEvent, _ overflow: BackPressurePolicy.Overflow) {
        switch outcome {
        case .queued: break
        case .droppedOldest(let count): self.add(overflow.rawValue, count)
        case .droppedNewest, .overflow: self.add(overflow.rawValue)
        }
    }
}
