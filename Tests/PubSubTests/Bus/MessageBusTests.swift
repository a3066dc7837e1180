import PubSub
import Synchronization
import TestSupport
import Testing

/// What every bus promises.
@Suite("Message bus", .timeLimit(.minutes(1)))
struct MessageBusTests {
    let channel: ChannelName
    let other: ChannelName

    init() throws {
        self.channel = try ChannelName("public:topic:one")
        self.other = try ChannelName("public:topic:two")
    }

    @Test("A message reaches the subscribers of its channel and nobody else", arguments: BusKind.available)
    func delivers(kind: BusKind) async throws {
        try await withBus(kind) { bus in
            let first = try await Listener.listen(to: self.channel, on: bus)
            let second = try await Listener.listen(to: self.channel, on: bus)
            let stranger = try await Listener.listen(to: self.other, on: bus)
            #expect(try await bus.publish("hello", to: self.channel) >= 1)
            #expect(await first.next(1) == [.message("hello")])
            #expect(await second.next(1) == [.message("hello")])
            try await bus.publish("last", to: self.other)
            #expect(await stranger.next(1) == [.message("last")])
        }
    }

    @Test("Publishing to nobody says so", arguments: BusKind.available)
    func nobody(kind: BusKind) async throws {
        try await withBus(kind) { bus in
            #expect(try await bus.publish("x", to: self.channel) == 0)
            let listener = try await Listener.listen(to: self.channel, on: bus)
            #expect(try await bus.publish("x", to: self.channel) == 1)
            listener.subscription.cancel()
            try await eventually("the channel is given up") {
                try await bus.publish("x", to: self.channel) == 0
            }
        }
    }

    @Test("A publisher's messages keep their order", arguments: BusKind.available)
    func keepsOrder(kind: BusKind) async throws {
        try await withBus(kind) { bus in
            let listener = try await Listener.listen(to: self.channel, on: bus)
            for number in 0..<500 { try await bus.publish("\(number)", to: self.channel) }
            #expect(await listener.next(500) == (0..<500).map { .message("\($0)") })
        }
    }

    @Test("Messages may hold any bytes, and none", arguments: BusKind.available)
    func anyBytes(kind: BusKind) async throws {
        try await withBus(kind) { bus in
            let (messages, continuation) = AsyncStream.makeStream(of: [UInt8].self)
            let subscription = try await bus.subscribe(to: self.channel) { event in
                if case .message(let bytes) = event { continuation.yield(bytes) }
            }
            let sent: [[UInt8]] = [Array(0...255), [], Array("\r\n$3\r\n".utf8), Array(repeating: 0, count: 300_000)]
            for message in sent { _ = try await bus.publish(message, to: self.channel) }
            var iterator = messages.makeAsyncIterator()
            for message in sent {
                let received = await iterator.next()
                #expect(received == message)
            }
            subscription.cancel()
        }
    }

    @Test("Nothing follows a cancellation from inside the receiver", arguments: BusKind.available)
    func cancelsInside(kind: BusKind) async throws {
        try await withBus(kind) { bus in
            let held = Mutex<BusSubscription?>(nil)
            let count = Atomic(0)
            let subscription = try await bus.subscribe(to: self.channel) { _ in
                count.add(1, ordering: .relaxed)
                held.withLock { $0 }?.cancel()
            }
            held.withLock { $0 = subscription }
            let witness = try await Listener.listen(to: self.channel, on: bus)
            for number in 0..<3 { try await bus.publish("\(number)", to: self.channel) }
            #expect(await witness.next(3) == [.message("0"), .message("1"), .message("2")])
            #expect(count.load(ordering: .relaxed) == 1)
        }
    }

    @Test("One subscriber's leaving does not touch the others", arguments: BusKind.available)
    func leavesOthersAlone(kind: BusKind) async throws {
        try await withBus(kind) { bus in
            let first = try await Listener.listen(to: self.channel, on: bus)
            let second = try await Listener.listen(to: self.channel, on: bus)
            first.subscription.cancel()
            first.subscription.cancel()
            try await bus.publish("still here", to: self.channel)
            #expect(await second.next(1) == [.message("still here")])
            #expect(await first.rest() == [])
        }
    }

    @Test("A channel can be left and joined again and again", arguments: BusKind.available)
    func churns(kind: BusKind) async throws {
        try await withBus(kind) { bus in
            for number in 0..<200 {
                let listener = try await Listener.listen(to: self.channel, on: bus)
                if number % 2 == 0 { try await bus.publish("\(number)", to: self.channel) }
                if number % 4 == 0 { #expect(await listener.next(1) == [.message("\(number)")]) }
                listener.subscription.cancel()
            }
            let last = try await Listener.listen(to: self.channel, on: bus)
            #expect(try await bus.publish("last", to: self.channel) == 1)
            #expect(await last.next(1) == [.message("last")])
        }
    }
}
