import NIOCore
import SubscriptionProtocols
import TestSupport
import Testing

@testable import SubscriptionServer

@Suite struct DeliveryQueueTests {
    private static func id(_ text: String) throws -> OperationID { try #require(OperationID(text)) }

    private static func policy(
        _ overflow: BackPressurePolicy.Overflow, events: Int = 3, bytes: Int = 1000
    ) -> BackPressurePolicy {
        var policy = BackPressurePolicy()
        policy.overflow = overflow
        policy.queuedEvents = events
        policy.queuedBytes = bytes
        return policy
    }

    /// All that waits, as one line each.
    private static func drain(_ queue: inout DeliveryQueue) -> [String] {
        var lines: [String] = []
        while let item = queue.next() {
            let gap = item.dropped > 0 ? " after \(item.dropped)" : ""
            switch item.content {
            case .event(let payload): lines.append("\(item.id.text) \(String(buffer: payload))\(gap)")
            case .end(let message):
                lines.append("\(item.id.text) end \(String(decoding: message, as: UTF8.self))\(gap)")
            }
        }
        return lines
    }

    @Test(arguments: [
        (BackPressurePolicy.Overflow.dropOldest, ["a 3 after 2", "a 4", "a 5"]),
        (.dropNewest, ["a 1", "a 2", "a 3"]),
        (.end, ["a 1", "a 2", "a 3"]),
    ])
    func overflow(policy: BackPressurePolicy.Overflow, kept: [String]) throws {
        var queue = DeliveryQueue(Self.policy(policy), byteLimit: 10_000)
        let a = try Self.id("a")
        let answers = (1...5).map { queue.append(event: ByteBuffer(string: "\($0)"), of: a) }
        let beyond: DeliveryQueue.OnEvent =
            switch policy {
            case .dropOldest: .droppedOldest(1)
            case .dropNewest: .droppedNewest
            case .end: .overflow
            }
        #expect(answers == [.queued, .queued, .queued, beyond, beyond])
        #expect(queue.events == 3 && queue.bytes == 3)
        let drained1 = Self.drain(&queue)
        #expect(drained1 == kept)
        #expect(queue.events == 0 && queue.bytes == 0)
    }

    @Test func aGapAtTheEndIsToldByTheNextEvent() throws {
        var queue = DeliveryQueue(Self.policy(.dropNewest, events: 1), byteLimit: 10_000)
        let a = try Self.id("a")
        for number in 1...3 {
            _ = queue.append(event: ByteBuffer(string: "\(number)"), of: a)
        }
        let first = Self.drain(&queue)
        #expect(first == ["a 1"])
        #expect(!queue.isIdle && !queue.hasItems)
        _ = queue.append(event: ByteBuffer(string: "4"), of: a)
        let drained2 = Self.drain(&queue)
        #expect(drained2 == ["a 4 after 2"])
        #expect(queue.isIdle)
    }

    @Test func bytesOfAnOperationAndOfTheConnection() throws {
        var queue = DeliveryQueue(Self.policy(.end, events: 100, bytes: 10), byteLimit: 25)
        let (a, b, c) = (try Self.id("a"), try Self.id("b"), try Self.id("c"))
        let five = ByteBuffer(string: "12345")
        var answers = (1...3).map { _ in queue.append(event: five, of: a) }
        #expect(answers == [.queued, .queued, .overflow])
        // The first may be longer than its operation has room for, but not than the connection has.
        let fifteen = ByteBuffer(repeating: 0x41, count: 15)
        answers = [queue.append(event: fifteen, of: b), queue.append(event: five, of: c)]
        #expect(answers == [.queued, .overflow])
        let isRefused = !queue.append(result: five, of: c)
        _ = queue.remove(b)
        let isTaken = queue.append(result: fifteen, of: c)
        #expect(isRefused && isTaken)
        #expect(queue.bytes == 25)
    }

    @Test func operationsTakeTurnsAndKeepTheirOrder() throws {
        var queue = DeliveryQueue(Self.policy(.end), byteLimit: 10_000)
        let (a, b) = (try Self.id("a"), try Self.id("b"))
        for number in 1...3 {
            _ = queue.append(event: ByteBuffer(string: "\(number)"), of: a)
        }
        _ = queue.append(event: ByteBuffer(string: "x"), of: b)
        queue.append(end: Array("done".utf8), of: b)
        #expect(queue.holds(a) && queue.holds(b))
        let drained3 = Self.drain(&queue)
        #expect(drained3 == ["a 1", "b x", "a 2", "b end done", "a 3"])
    }

    @Test func whatIsRemovedIsGone() throws {
        var queue = DeliveryQueue(Self.policy(.dropOldest), byteLimit: 10_000)
        let a = try Self.id("a")
        for number in 1...5 {
            _ = queue.append(event: ByteBuffer(string: "\(number)"), of: a)
        }
        let removed = queue.remove(a)
        #expect(removed == 3)
        #expect(queue.isIdle && queue.bytes == 0 && queue.events == 0)
        // Another operation of the id has nothing of it.
        _ = queue.append(event: ByteBuffer(string: "new"), of: a)
        let drained4 = Self.drain(&queue)
        #expect(drained4 == ["a new"])
    }

    @Test(arguments: BackPressurePolicy.Overflow.allCases)
    func countsAndBoundsHoldWhateverComes(overflow: BackPressurePolicy.Overflow) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SplitMix(seed)
        var queue = DeliveryQueue(Self.policy(overflow, events: 4, bytes: 40), byteLimit: 100)
        let ids = try (0..<6).map { try Self.id("\($0)") }
        var waiting = 0
        for _ in 0..<5000 {
            let id = ids[Int(random.next() % 6)]
            switch random.next() % 8 {
            case 0: waiting -= queue.remove(id)
            case 1, 2: if case .event? = queue.next()?.content { waiting -= 1 }
            default:
                let payload = ByteBuffer(repeating: 0, count: Int(random.next() % 30))
                switch queue.append(event: payload, of: id) {
                case .queued: waiting += 1
                case .droppedOldest(let count): waiting += 1 - count
                case .droppedNewest, .overflow: break
                }
            }
            #expect(queue.events == waiting && queue.bytes <= 100, "seed \(seed)")
            guard queue.events == waiting else { return }
        }
        while let item = queue.next() {
            if case .event = item.content { waiting -= 1 }
        }
        #expect(waiting == 0 && queue.bytes == 0, "seed \(seed)")
    }

    @Test func theNoticeKeepsTheResult() {
        let payload = ByteBuffer(string: #"{"data":{"a":[1]}}}"#)
        #expect(
            String(buffer: GapNotice.add(3, to: payload, suffix: 1))
                == #"{"data":{"a":[1]},"extensions":{"gap":{"dropped":3}}}}"#)
        #expect(GapNotice.add(0, to: payload, suffix: 1) == payload)
        #expect(
            String(buffer: GapNotice.add(1, to: ByteBuffer(string: #"{"data":null}"#), suffix: 0))
                == #"{"data":null,"extensions":{"gap":{"dropped":1}}}"#)
    }
}

/// Random numbers that a seed repeats.
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
