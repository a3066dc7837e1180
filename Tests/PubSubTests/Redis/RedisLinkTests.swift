import Logging
import NIOPosix
import PubSub
import RedisPubSub
import Synchronization
import TestSupport
import Testing

/// The links against a Redis that does what a real one seldom does.
@Suite("Redis links", .timeLimit(.minutes(1)))
struct RedisLinkTests {
    private static func withBus(
        _ fake: FakeRedis, credentials: String = "", clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        change: (inout RedisBusConfiguration) -> Void = { _ in }, _ body: (RedisBus) async throws -> Void
    ) async throws {
        let url = try RedisURL("redis://\(credentials)127.0.0.1:\(fake.port)")
        var configuration = RedisBusConfiguration(url: url, clientName: "tests")
        configuration.commandTimeout = .milliseconds(300)
        change(&configuration)
        let bus = RedisBus(
            configuration: configuration, group: MultiThreadedEventLoopGroup.singleton, logger: logger, clock: clock,
            random: { 1 })
        try await withThrowingTaskGroup { group in
            group.addTask { try await bus.run() }
            defer { bus.shutdown() }
            try await body(bus)
        }
    }

    @Test("Replies may come byte by byte")
    func bytewise() async throws {
        let channel = try ChannelName("c")
        try await FakeRedis.with { command in
            let reply = FakeRedis.wellBehaved(command)
            let message = command[0] == "SUBSCRIBE" ? "*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$4\r\n\r\n\0x\r\n" : ""
            return .bytewise(reply + message)
        } _: { fake in
            try await Self.withBus(fake) { bus in
                try await eventually("connected") { bus.status == .connected }
                let listener = try await Listener.listen(to: channel, on: bus)
                #expect(await listener.next(1) == [.message("\r\n\0x")])
                #expect(try await bus.publish("x", to: channel) == 1)
                listener.subscription.cancel()
                try await eventually("unsubscribed") { fake.commands.contains(["UNSUBSCRIBE", "c"]) }
            }
        }
    }

    @Test(
        "What is no reply, or nobody asked for, ends the link and nothing else",
        arguments: ["HTTP/1.1 400\r\n", ":1\r\n:1\r\n", "*3\r\n$-5\r\n"])
    func nonsense(reply: String) async throws {
        try await FakeRedis.with { command in
            .bytes(command[0] == "PUBLISH" ? reply : FakeRedis.wellBehaved(command))
        } _: { fake in
            try await Self.withBus(fake) { bus in
                try await eventually("connected") { bus.status == .connected }
                _ = try? await bus.publish("x", to: ChannelName("c"))
                try await eventually("a third link signs in") {
                    fake.commands.count { $0.starts(with: ["CLIENT", "SETNAME"]) } >= 3
                }
                try await eventually("connected again") { bus.status == .connected }
            }
        }
    }

    @Test("A command without an answer times out, and those behind it do not hang")
    func timesOut() async throws {
        try await FakeRedis.with { command in
            command[0] == "PUBLISH" ? .nothing : .bytes(FakeRedis.wellBehaved(command))
        } _: { fake in
            try await Self.withBus(fake) { bus in
                try await eventually("connected") { bus.status == .connected }
                let channel = try ChannelName("c")
                let codes = await withTaskGroup(of: BusError.Code?.self) { group in
                    for text in ["1", "2"] {
                        group.addTask {
                            do throws(BusError) {
                                _ = try await bus.publish(Array(text.utf8), to: channel)
                                return nil
                            } catch {
                                return error.code
                            }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(codes == [.timedOut, .timedOut])
            }
        }
    }

    @Test("More commands than may wait are refused at once")
    func overloads() async throws {
        try await FakeRedis.with { command in
            command[0] == "PUBLISH" ? .nothing : .bytes(FakeRedis.wellBehaved(command))
        } _: { fake in
            let change = { (configuration: inout RedisBusConfiguration) in
                configuration.maximumPendingCommands = 2
                configuration.commandTimeout = .seconds(30)
            }
            try await Self.withBus(fake, change: change) { bus in
                try await eventually("connected") { bus.status == .connected }
                let channel = try ChannelName("c")
                let codes = await withTaskGroup(of: BusError.Code?.self) { group in
                    for text in ["1", "2", "3"] {
                        group.addTask {
                            do throws(BusError) {
                                _ = try await bus.publish(Array(text.utf8), to: channel)
                                return nil
                            } catch {
                                return error.code
                            }
                        }
                    }
                    // Whichever came third is refused while the others wait; only then are they let go.
                    let first = await group.next() ?? nil
                    bus.shutdown()
                    return await group.reduce(into: [first]) { $0.append($1) }
                }
                #expect(codes == [.overloaded, .closed, .closed])
            }
        }
    }

    @Test("Pauses between tries double up to the longest")
    func backsOff() async throws {
        let clock = RecordingClock()
        try await FakeRedis.with { _ in
            .close
        } _: { fake in
            try await Self.withBus(fake, clock: clock) { bus in
                try await eventually("both links have tried often") { clock.pauses.count { $0 == .seconds(1) } >= 4 }
            }
        }
        for pause in [50, 100, 200, 400, 800] {
            #expect(clock.pauses.count { $0 == .milliseconds(pause) } == 2, "\(pause) ms")
        }
        #expect(clock.pauses.allSatisfy { $0 <= .seconds(1) })
    }

    @Test("A Redis that repeats the arguments of AUTH in its error does not make us log the password")
    func hidesEchoedPassword() async throws {
        let lines = LogLines()
        try await FakeRedis.with { command in
            .bytes(command[0] == "AUTH" ? "-ERR unknown command `AUTH`, args: `\(command[1])`\r\n" : "+OK\r\n")
        } _: { fake in
            try await Self.withBus(fake, credentials: ":s3cret@", logger: lines.logger) { _ in
                try await eventually("the reason is logged") {
                    lines.all.contains { $0.contains("Redis answered AUTH with ERR") }
                }
            }
        }
        #expect(!lines.all.contains { $0.contains("s3cret") })
    }
}

/// A clock that never waits and remembers how long it should have.
private final class RecordingClock: Clock {
    typealias Instant = ContinuousClock.Instant
    private let recorded = Mutex<[Duration]>([])
    private let origin = ContinuousClock.now

    /// Deadlines count from a `now` that stands still, so these are the durations that were asked for.
    var pauses: [Duration] { self.recorded.withLock { $0 } }
    var now: Instant { self.origin }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        self.recorded.withLock { $0.append(deadline - self.origin) }
    }
}
