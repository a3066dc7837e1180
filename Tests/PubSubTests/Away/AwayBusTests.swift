import PubSub
import Synchronization
import TestSupport
import Testing

@Suite("Policies for a broker that is away", .timeLimit(.minutes(1)))
struct AwayBusTests {
    private let channel: ChannelName
    private let broker = ScriptedBus()

    init() throws {
        self.channel = try ChannelName("c")
    }

    private func bus(_ change: (inout AwayPolicy) -> Void = { _ in }) -> AwayBus<ContinuousClock> {
        var policy = AwayPolicy()
        change(&policy)
        return AwayBus(self.broker, policy: policy)
    }

    @Test("Kept streams see no seam, unless gaps are announced", arguments: [false, true])
    func keeps(announces: Bool) async throws {
        let bus = self.bus { $0.announcesGaps = announces }
        let listener = try await Listener.listen(to: self.channel, on: bus)
        self.broker.goAway()
        self.broker.comeBack()
        try await bus.publish("after", to: self.channel)
        let seam: [SeenEvent] = announces ? [.interrupted, .resumed] : []
        #expect(await listener.rest() == seam + [.message("after")])
    }

    @Test("Ended streams end once, at once, and hold nothing any more")
    func ends() async throws {
        let bus = self.bus { $0.streams = .end }
        let listener = try await Listener.listen(to: self.channel, on: bus)
        try await bus.publish("before", to: self.channel)
        self.broker.goAway()
        #expect(self.broker.subscriberCount == 0)
        self.broker.comeBack()
        try await bus.publish("after", to: self.channel)
        #expect(await listener.rest() == [.message("before"), .ended(.unavailable)])
        listener.subscription.cancel()
    }

    @Test("What was cancelled is let go of", arguments: AwayPolicy.Streams.allCases)
    func letsGo(policy: AwayPolicy.Streams) async throws {
        final class Witness: Sendable {}
        let bus = self.bus { $0.streams = policy }
        let inner = InMemoryBus()
        let away = AwayBus(inner, policy: AwayPolicy())
        for bus in [bus as any MessageBus, away] {
            var witness: Witness? = Witness()
            weak let left = witness
            let subscription = try await bus.subscribe(to: self.channel) { [witness] _ in _ = witness }
            witness = nil
            #expect(left != nil)
            subscription.cancel()
            #expect(left == nil)
        }
    }

    @Test("Newcomers fail at once", arguments: [AwayPolicy.Newcomers.error, .refuse])
    func fails(policy: AwayPolicy.Newcomers) async throws {
        let bus = self.bus { $0.newcomers = policy }
        self.broker.goAway()
        await #expect(throws: BusError(.unavailable, "away")) {
            _ = try await Listener.listen(to: self.channel, on: bus)
        }
        #expect(self.broker.waiterCount == 0)
    }

    @Test("Queued newcomers are let in when the broker is back, also when it goes again meanwhile")
    func queues() async throws {
        let bus = self.bus { $0.newcomers = .queue }
        self.broker.goAway()
        let channel = self.channel
        let listeners = try await withThrowingTaskGroup(of: Listener.self) { group in
            for _ in 0..<5 { group.addTask { try await Listener.listen(to: channel, on: bus) } }
            try await eventually("all wait") { self.broker.waiterCount == 5 }
            #expect(bus.waitingCount == 5)
            self.broker.flicker()
            try await eventually("all wait again") { self.broker.waiterCount == 5 }
            self.broker.comeBack()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(self.broker.subscriberCount == 5)
        #expect(bus.waitingCount == 0)
        try await bus.publish("x", to: self.channel)
        for listener in listeners { #expect(await listener.rest() == [.message("x")]) }
    }

    @Test("A newcomer waits no longer than it may, and leaves nothing behind")
    func waitsBoundedly() async throws {
        let bus = self.bus {
            $0.newcomers = .queue
            $0.longestWait = .milliseconds(20)
        }
        self.broker.goAway()
        do {
            _ = try await Listener.listen(to: self.channel, on: bus)
            Issue.record("it was let in")
        } catch {
            #expect((error as? BusError)?.code == .unavailable)
        }
        #expect(self.broker.waiterCount == 0)
        #expect(bus.waitingCount == 0)
    }

    @Test("One newcomer more than may wait is refused as too many")
    func boundsTheQueue() async throws {
        let bus = self.bus {
            $0.newcomers = .queue
            $0.maximumWaiting = 1
        }
        self.broker.goAway()
        let channel = self.channel
        try await withThrowingTaskGroup { group in
            group.addTask { _ = try await Listener.listen(to: channel, on: bus) }
            try await eventually("one waits") { self.broker.waiterCount == 1 }
            do {
                _ = try await Listener.listen(to: channel, on: bus)
                Issue.record("it was let in")
            } catch {
                #expect((error as? BusError)?.code == .overloaded)
            }
            self.broker.comeBack()
            try await group.waitForAll()
        }
    }

    @Test("A newcomer that gives up leaves the queue at once")
    func givesUp() async throws {
        let bus = self.bus { $0.newcomers = .queue }
        self.broker.goAway()
        let channel = self.channel
        let task = Task { _ = try await Listener.listen(to: channel, on: bus) }
        try await eventually("it waits") { self.broker.waiterCount == 1 }
        task.cancel()
        await #expect(throws: BusError.self) { try await task.value }
        #expect(self.broker.waiterCount == 0)
        self.broker.comeBack()
        #expect(self.broker.subscriberCount == 0)
    }
}
