import Logging
import NIOPosix
import PubSub
import RedisPubSub
import Synchronization
import TestSupport
import Testing

@Suite(
    "Redis bus", .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
    .timeLimit(.minutes(1)))
struct RedisBusTests {
    let channel: ChannelName
    let other: ChannelName

    init() throws {
        self.channel = try ChannelName("public:topic:one")
        self.other = try ChannelName("public:topic:two")
    }

    @Test("Redis sees one subscription for many subscribers, and none after the last")
    func countsReferences() async throws {
        try await withRedisBus { bus, redis in
            let first = try await Listener.listen(to: self.channel, on: bus)
            let second = try await Listener.listen(to: self.channel, on: bus)
            #expect(try redis.subscriberCount(of: "public:topic:one") == 1)
            first.subscription.cancel()
            #expect(try await bus.publish("x", to: self.channel) == 1)
            #expect(await second.next(1) == [.message("x")])
            second.subscription.cancel()
            try await eventually("no channel is left") { try redis.channels() == [] }
        }
    }

    @Test("Both links bear their names and use the database of the URL")
    func namesItsLinks() async throws {
        try await withRedisBus(password: "pass word/@:%") { _, redis in
            let clients = try redis.command("CLIENT", "LIST").split(separator: "\n")
            let ours = clients.filter { $0.contains(" name=bus-tests-") }
            #expect(ours.count == 2)
            #expect(ours.contains { $0.contains(" name=bus-tests-cmd ") && $0.contains(" db=3 ") })
            #expect(ours.contains { $0.contains(" name=bus-tests-sub ") })
        }
    }

    @Test("Killed and started again: everyone is told, every channel is back once")
    func survivesRestart() async throws {
        try await withRedisBus { bus, redis in
            let first = try await Listener.listen(to: self.channel, on: bus)
            let second = try await Listener.listen(to: self.channel, on: bus)
            let third = try await Listener.listen(to: self.other, on: bus)
            redis.kill()
            #expect(await first.next(1) == [.interrupted])
            try await eventually("the bus says so") { bus.status != .connected }
            await #expect(throws: BusError(.unavailable, "there is no link to Redis")) {
                _ = try await Listener.listen(to: self.channel, on: bus)
            }
            await #expect(throws: BusError(.unavailable, "there is no link to Redis")) {
                try await bus.publish("lost", to: self.channel)
            }
            try await redis.restart()
            #expect(await first.next(1) == [.resumed])
            #expect(await second.next(2) == [.interrupted, .resumed])
            #expect(await third.next(2) == [.interrupted, .resumed])
            try await eventually("the bus is connected") { bus.status == .connected }
            #expect(try redis.channels() == ["public:topic:one", "public:topic:two"])
            #expect(try redis.subscriberCount(of: "public:topic:one") == 1)
            #expect(try await bus.publish("again", to: self.channel) == 1)
            #expect(await first.next(1) == [.message("again")])
            #expect(await second.next(1) == [.message("again")])
            for listener in [first, second, third] { listener.subscription.cancel() }
            try await eventually("no channel is left") { try redis.channels() == [] }
        }
    }

    @Test("A Redis that hangs without closing is noticed, and found again when it wakes")
    func noticesHang() async throws {
        try await withRedisBus { bus, redis in
            let listener = try await Listener.listen(to: self.channel, on: bus)
            redis.hang()
            await #expect {
                try await bus.publish("nobody answers", to: self.channel)
            } throws: { error in
                [.timedOut, .unavailable].contains((error as? BusError)?.code)
            }
            #expect(await listener.next(1) == [.interrupted])
            #expect(bus.status != .connected)
            redis.wake()
            #expect(await listener.next(1) == [.resumed])
            try await eventually("the bus is connected") { bus.status == .connected }
            // The Redis that woke up may take a moment to drop the links that were given up meanwhile.
            try await eventually("one subscription") { try redis.subscriberCount(of: "public:topic:one") == 1 }
            try await bus.publish("awake", to: self.channel)
            #expect(await listener.next(1) == [.message("awake")])
        }
    }

    @Test("Only the subscriber link is cut: publishing goes on, the subscription comes back once")
    func survivesKilledSubscriberLink() async throws {
        try await withRedisBus { bus, redis in
            let listener = try await Listener.listen(to: self.channel, on: bus)
            #expect(try redis.command("CLIENT", "KILL", "TYPE", "pubsub") == "1")
            #expect(await listener.next(2) == [.interrupted, .resumed])
            try await eventually("the bus is connected") { bus.status == .connected }
            #expect(try redis.subscriberCount(of: "public:topic:one") == 1)
            #expect(try await bus.publish("back", to: self.channel) == 1)
            #expect(await listener.next(1) == [.message("back")])
            listener.subscription.cancel()
            try await eventually("no channel is left") { try redis.channels() == [] }
        }
    }

    @Test("Many channels come back in one go, each once")
    func resubscribesMany() async throws {
        try await withRedisBus { bus, redis in
            let count = 2000
            let resumed = Atomic(0)
            var subscriptions: [BusSubscription] = []
            for number in 0..<count {
                let name = try ChannelName("many:\(number)")
                subscriptions.append(
                    try await bus.subscribe(to: name) { event in
                        if case .resumed = event { resumed.add(1, ordering: .relaxed) }
                    })
            }
            try redis.command("CLIENT", "KILL", "TYPE", "pubsub")
            try await eventually("everyone is back") { resumed.load(ordering: .relaxed) == count }
            #expect(try redis.channels().count == count)
            let stats = try redis.command("CLIENT", "LIST", "TYPE", "pubsub")
            #expect(stats.contains(" sub=\(count) "))
            for subscription in subscriptions { subscription.cancel() }
            try await eventually("no channel is left") { try redis.channels() == [] }
        }
    }

    @Test("A channel that Redis forbids is refused, and only that one")
    func refusedChannel() async throws {
        try await withRedisBus { bus, redis in
            try redis.command("ACL", "SETUSER", "narrow", "on", ">secret", "+@all", "&allowed", "~*")
            try await withRedisBus(try RedisURL("redis://narrow:secret@127.0.0.1:\(redis.port)")) { bus in
                try await eventually("the bus is connected") { bus.status == .connected }
                let allowed = try await Listener.listen(to: try ChannelName("allowed"), on: bus)
                await #expect {
                    _ = try await Listener.listen(to: self.channel, on: bus)
                } throws: { error in
                    (error as? BusError)?.code == .refused
                }
                await #expect {
                    try await bus.publish("x", to: self.channel)
                } throws: { error in
                    (error as? BusError)?.code == .refused
                }
                try await bus.publish("fine", to: try ChannelName("allowed"))
                #expect(await allowed.next(1) == [.message("fine")])
            }
        }
    }

    @Test("Shutdown ends subscriptions, closes both links and lets run() return")
    func shutsDown() async throws {
        let redis = try await RedisServer.start()
        var ended: Listener?
        try await withRedisBus(try RedisURL("redis://127.0.0.1:\(redis.port)")) { bus in
            try await eventually("the bus is connected") { bus.status == .connected }
            ended = try await Listener.listen(to: self.channel, on: bus)
            bus.shutdown()
            #expect(bus.status == .closed)
            await #expect(throws: BusError(.closed, "the bus was shut down")) {
                try await bus.publish("x", to: self.channel)
            }
        }
        #expect(await ended?.next(1) == [.ended(.closed)])
        try await eventually("the links are gone") { !(try redis.command("CLIENT", "LIST").contains("bus-tests")) }
        redis.kill()
    }

    @Test("Shutdown before and while there is no Redis")
    func shutsDownUnconnected() async throws {
        let url = try RedisURL("redis://127.0.0.1:\(try Executable.freePort())")
        try await withRedisBus(url) { bus in
            try await eventually("it tries again") {
                if case .reconnecting(let attempt) = bus.status { attempt >= 2 } else { false }
            }
        }
        let bus = RedisBus(
            configuration: RedisBusConfiguration(url: url, clientName: "x"),
            group: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test"))
        bus.shutdown()
        try await bus.run()
        #expect(bus.status == .closed)
        await #expect(throws: BusError.self) { try await bus.run() }
    }

    @Test("The password shows in no log line and no error, right or wrong")
    func hidesPassword() async throws {
        let lines = LogLines()
        let redis = try await RedisServer.start(password: "s3cret")
        for password in ["s3cret", "wr0ng-s3cret"] {
            let url = try RedisURL("redis://:\(password)@127.0.0.1:\(redis.port)")
            try await withRedisBus(url, logger: lines.logger) { bus in
                if password == "s3cret" {
                    try await eventually("the bus is connected") { bus.status == .connected }
                } else {
                    try await eventually("the reason is logged") {
                        lines.all.contains { $0.contains("WRONGPASS") }
                    }
                }
            }
        }
        var everything = ""
        dump(try RedisURL("redis://:s3cret@localhost"), to: &everything)
        everything += lines.all.joined(separator: "\n")
        everything += "\(RedisBusConfiguration(url: try RedisURL("redis://u:s3cret@localhost"), clientName: "x"))"
        #expect(everything.contains("redis://127.0.0.1:\(redis.port)/0"))
        #expect(!everything.contains("s3cret"))
        redis.kill()
    }
}
