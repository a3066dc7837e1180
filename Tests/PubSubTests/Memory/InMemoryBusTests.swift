import PubSub
import Synchronization
import Testing

@Suite("In-memory bus")
struct InMemoryBusTests {
    @Test("A receiver that publishes on its own channel keeps the order and does not recurse")
    func publishesFromInside() async throws {
        let bus = InMemoryBus()
        let channel = try ChannelName("c")
        let seen = Mutex<[String]>([])
        let again = Mutex<Task<Void, any Error>?>(nil)
        let subscription = try await bus.subscribe(to: channel) { event in
            guard case .message(let bytes) = event else { return }
            seen.withLock { $0.append("in \(bytes[0])") }
            if bytes[0] == 1 {
                // The receiver cannot wait, so the publication runs beside it and finds the channel busy or free.
                again.withLock { $0 = Task { _ = try await bus.publish([2], to: channel) } }
            }
            seen.withLock { $0.append("out \(bytes[0])") }
        }
        #expect(try await bus.publish([1], to: channel) == 1)
        try await again.withLock { $0 }?.value
        while seen.withLock({ $0.count }) < 4 { await Task.yield() }
        #expect(seen.withLock { $0 } == ["in 1", "out 1", "in 2", "out 2"])
        subscription.cancel()
        #expect(bus.channelCount == 0)
    }

    @Test("One message more than may wait is refused and reaches nobody")
    func overflow() async throws {
        let bus = InMemoryBus(maximumQueuedMessages: 2)
        let channel = try ChannelName("c")
        let seen = Mutex<[UInt8]>([])
        let (isInside, entered) = AsyncStream.makeStream(of: Void.self)
        let gate = Gate()
        let subscription = try await bus.subscribe(to: channel) { event in
            guard case .message(let bytes) = event else { return }
            seen.withLock { $0.append(bytes[0]) }
            if bytes[0] == 0 {
                entered.yield()
                gate.wait()
            }
        }
        async let first = bus.publish([0], to: channel)
        for await _ in isInside { break }
        #expect(try await bus.publish([1], to: channel) == 1)
        #expect(try await bus.publish([2], to: channel) == 1)
        await #expect(throws: BusError(.overloaded, "2 messages wait on channel c already")) {
            try await bus.publish([3], to: channel)
        }
        gate.open()
        #expect(try await first == 1)
        #expect(seen.withLock { $0 } == [0, 1, 2])
        subscription.cancel()
    }

    @Test("Shutdown ends every subscription and refuses the rest")
    func shutdown() async throws {
        let bus = InMemoryBus()
        let channel = try ChannelName("c")
        let ended = Mutex<[BusError.Code?]>([])
        let held = try await bus.subscribe(to: channel) { event in
            if case .ended(let error) = event { ended.withLock { $0.append((error as? BusError)?.code) } }
        }
        #expect(bus.status == .connected)
        bus.shutdown()
        bus.shutdown()
        #expect(ended.withLock { $0 } == [.closed])
        #expect(bus.status == .closed)
        await #expect(throws: BusError(.closed, "the bus was shut down")) { try await bus.publish([1], to: channel) }
        await #expect(throws: BusError(.closed, "the bus was shut down")) {
            _ = try await bus.subscribe(to: channel) { _ in }
        }
        held.cancel()
        #expect(bus.channelCount == 0)
    }

    @Test("Publishers on many threads: every message arrives once, each publisher's in its order")
    func concurrentPublishers() async throws {
        let bus = InMemoryBus(maximumQueuedMessages: .max)
        let channel = try ChannelName("c")
        let seen = Mutex<[[UInt8]]>([])
        let subscription = try await bus.subscribe(to: channel) { event in
            if case .message(let bytes) = event { seen.withLock { $0.append(bytes) } }
        }
        try await withThrowingTaskGroup { group in
            for publisher in UInt8(0)..<8 {
                group.addTask {
                    for number in UInt8(0)..<200 { _ = try await bus.publish([publisher, number], to: channel) }
                }
            }
            try await group.waitForAll()
        }
        while seen.withLock({ $0.count }) < 1600 { await Task.yield() }
        let all = seen.withLock { $0 }
        for publisher in UInt8(0)..<8 {
            #expect(all.filter { $0[0] == publisher }.map { $0[1] } == Array(0..<200))
        }
        subscription.cancel()
    }
}

/// Blocks a thread until it is opened.
private final class Gate: Sendable {
    private let isOpen = Atomic(false)

    func open() { self.isOpen.store(true, ordering: .releasing) }

    func wait() {
        while !self.isOpen.load(ordering: .acquiring) {}
    }
}
