import Logging
import PubSub
import Synchronization
import TestSupport
import Testing

@testable import RedisPubSub

@Suite(
    "Redis cluster", .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
    .serialized, .timeLimit(.minutes(2)))
struct RedisClusterTests {
    let channels: [ChannelName]

    init() throws {
        self.channels = try (0..<3).map { try TestCluster.channel(ofNode: $0) }
    }

    @Test("Each node holds its own channels once, whoever publishes, and none after the last subscriber")
    func delivers() async throws {
        try await TestCluster.with { cluster in
            // Of three nodes one is named.
            try await cluster.withBus(seeds: [1]) { bus in
                var listeners: [Listener] = []
                for channel in self.channels {
                    listeners.append(try await Listener.listen(to: channel, on: bus))
                    listeners.append(try await Listener.listen(to: channel, on: bus))
                }
                #expect(try cluster.channels() == self.channels.map { ["\($0)"] })
                for (number, channel) in self.channels.enumerated() {
                    #expect(try cluster.subscriberCounts(of: channel)[number] == 1)
                    #expect(try await bus.publish("own \(channel)", to: channel) == 1)
                    try cluster.nodes[number].command("SPUBLISH", "\(channel)", "foreign")
                    for listener in listeners[(2 * number)...].prefix(2) {
                        #expect(await listener.next(2) == [.message("own \(channel)"), .message("foreign")])
                    }
                }
                listeners[0].subscription.cancel()
                #expect(try await bus.publish("one is left", to: self.channels[0]) == 1)
                #expect(await listeners[1].next(1) == [.message("one is left")])
                for listener in listeners { listener.subscription.cancel() }
                try await eventually("no channel is left") { try cluster.channels() == [[], [], []] }
                for listener in listeners { #expect(await listener.rest() == []) }
                let ended = try await Listener.listen(to: self.channels[2], on: bus)
                bus.shutdown()
                #expect(await ended.next(1) == [.ended(.closed)])
                #expect(bus.status == .closed)
                await #expect(throws: BusError(.closed, "the bus was shut down")) {
                    try await bus.publish("x", to: self.channels[0])
                }
                try await eventually("the links are gone") {
                    try cluster.nodes.allSatisfy { !(try $0.command("CLIENT", "LIST").contains("bus-tests")) }
                }
            }
        }
    }

    @Test("One node killed and started again: its channels are back once, the others never stopped")
    func survivesRestart() async throws {
        try await TestCluster.with { cluster in
            try await cluster.withBus { bus in
                var listeners: [Listener] = []
                for channel in self.channels { listeners.append(try await Listener.listen(to: channel, on: bus)) }
                cluster.nodes[1].kill()
                #expect(await listeners[1].next(1) == [.interrupted])
                try await eventually("the bus says so") { bus.status != .connected }
                await #expect {
                    try await bus.publish("lost", to: self.channels[1])
                } throws: { error in
                    (error as? BusError)?.code == .unavailable
                }
                await #expect {
                    _ = try await Listener.listen(to: self.channels[1], on: bus)
                } throws: { error in
                    (error as? BusError)?.code == .unavailable
                }
                for number in [0, 2] {
                    #expect(try await bus.publish("meanwhile", to: self.channels[number]) == 1)
                    #expect(await listeners[number].next(1) == [.message("meanwhile")])
                }
                try await cluster.nodes[1].restart()
                #expect(await listeners[1].next(1) == [.resumed])
                try await eventually("the bus is connected") { bus.status == .connected }
                #expect(try cluster.channels() == self.channels.map { ["\($0)"] })
                for (number, channel) in self.channels.enumerated() {
                    #expect(try cluster.subscriberCounts(of: channel)[number] == 1)
                    #expect(try await bus.publish("again", to: channel) == 1)
                    #expect(await listeners[number].next(1) == [.message("again")])
                    #expect(await listeners[number].rest() == [])
                }
                #expect(bus.linkFacts.map(\.losses) == [1, 1])
                #expect(bus.linkFacts.map(\.isUp) == [true, true])
            }
        }
    }

    @Test("A slot goes to another node: its channel goes with it, heard once, and the others stay")
    func followsSlots() async throws {
        try await TestCluster.with { cluster in
            try await cluster.withBus { bus in
                try await cluster.withBus { other in
                    let channel = self.channels[0]
                    var listeners: [Listener] = []
                    for channel in self.channels { listeners.append(try await Listener.listen(to: channel, on: bus)) }
                    let second = try await Listener.listen(to: channel, on: bus)
                    try cluster.move(slot: KeySlot.of(channel.utf8), from: 0, to: 2)
                    // Nothing has told the other bus of the move yet but this answer.
                    let heard = try await other.publish("redirected", to: channel)
                    // Those who were there already at the new node hear it.
                    let gap = [.interrupted, .resumed] + (heard == 1 ? [SeenEvent.message("redirected")] : [])
                    #expect(await listeners[0].next(gap.count) == gap)
                    #expect(await second.next(gap.count) == gap)
                    try await eventually("one subscription") {
                        try cluster.subscriberCounts(of: channel) == [0, 0, 1]
                    }
                    #expect(
                        try cluster.channels()
                            == [[], ["\(self.channels[1])"], [channel, self.channels[2]].map { "\($0)" }.sorted()])
                    for (number, channel) in self.channels.enumerated() {
                        #expect(try await bus.publish("moved", to: channel) == 1)
                        #expect(try await other.publish("moved too", to: channel) == 1)
                        #expect(await listeners[number].next(2) == [.message("moved"), .message("moved too")])
                    }
                    #expect(await second.next(2) == [.message("moved"), .message("moved too")])
                    for listener in listeners + [second] { listener.subscription.cancel() }
                    try await eventually("no channel is left") { try cluster.channels() == [[], [], []] }
                    for listener in listeners + [second] { #expect(await listener.rest() == []) }
                    #expect(bus.status == .connected)
                    // Nothing is subscribed here, so this bus learns of the next move when it subscribes.
                    try cluster.move(slot: KeySlot.of(channel.utf8), from: 2, to: 1)
                    let late = try await Listener.listen(to: channel, on: other)
                    #expect(try await bus.publish("late", to: channel) == 1)
                    #expect(await late.next(1) == [.message("late")])
                    #expect(try cluster.subscriberCounts(of: channel) == [0, 1, 0])
                }
            }
        }
    }
}
