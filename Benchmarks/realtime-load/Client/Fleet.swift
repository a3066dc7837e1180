import NIOCore
import NIOPosix

/// Many clients on one event loop of their own, so that the load costs one thread at most. Everything is on that loop.
///
/// `@unchecked Sendable`: every stored property is used on `eventLoop` only, which each public method enters first.
final class Fleet: @unchecked Sendable {
    let target: Target
    private let eventLoop: any EventLoop
    private var members: [ObjectIdentifier: Subscriber] = [:]
    private var counts: [Subscriber.Stage: Int] = [:]
    private var tally = Tally()
    private var waiting: (topics: ArraySlice<String>, tokens: [String])?
    private var connecting = 0
    private var opened = 0
    private var wanted: (stage: Subscriber.Stage, count: Int, promise: EventLoopPromise<Void>)?
    private var deliveries: (count: Int, promise: EventLoopPromise<Void>)?

    init(_ target: Target, on eventLoop: any EventLoop) {
        self.target = target
        self.eventLoop = eventLoop
    }

    /// Connects a client for each topic, so many at a time, and waits until they have all subscribed.
    /// - Parameter tokens: what they present, in turn; nobody presents anything when there are none.
    func open(
        _ topics: [String], tokens: [String] = [], concurrency: Int = 64, within limit: TimeAmount
    ) async throws {
        try await self.eventLoop.flatSubmit {
            let present = self.counts.reduce(0) { $0 + ($1.key >= .subscribed && $1.key != .gone ? $1.value : 0) }
            self.waiting = (topics[...], tokens)
            for _ in 0..<concurrency { self.connectNext(concurrency) }
            return self.reach(.subscribed, present + topics.count, within: limit)
        }.get()
    }

    /// Waits until so many clients have got an event.
    func live(_ count: Int, within limit: TimeAmount) async throws {
        try await self.eventLoop.flatSubmit { self.reach(.live, count, within: limit) }.get()
    }

    /// Waits until so many events have come since the last reset.
    func delivered(_ count: Int, within limit: TimeAmount) async throws {
        try await self.eventLoop.flatSubmit {
            let promise = self.eventLoop.makePromise(of: Void.self)
            guard self.tally.delivered < count else {
                promise.succeed()
                return promise.futureResult
            }
            self.deliveries = (count, promise)
            let timer = self.eventLoop.scheduleTask(in: limit) {
                guard self.deliveries != nil else { return }
                self.deliveries = nil
                promise.fail(
                    Late("\(self.tally.delivered) of \(count) events after \(limit.nanoseconds / 1_000_000_000) s"))
            }
            promise.futureResult.whenComplete { _ in timer.cancel() }
            return promise.futureResult
        }.get()
    }

    /// What was seen since the last call.
    func takeTally(reserving count: Int = 0) async throws -> Tally {
        try await self.eventLoop.submit {
            defer {
                self.tally = Tally()
                self.tally.latencies.reserveCapacity(count)
            }
            return self.tally
        }.get()
    }

    /// How many clients are connected and have subscribed.
    func subscribedCount() async throws -> Int {
        try await self.eventLoop.submit { self.counts[.subscribed, default: 0] + self.counts[.live, default: 0] }.get()
    }

    /// Pings every client; those that still wait for a pong are left out.
    func ping() async throws {
        try await self.eventLoop.submit { for member in self.members.values { member.ping() } }.get()
    }

    /// The longest that any client has been waiting for a pong, in milliseconds.
    func longestWaitForPong() async throws -> Double {
        try await self.eventLoop.submit {
            Double(self.members.values.compactMap { $0.waitsForPong?.nanoseconds }.max() ?? 0) / 1_000_000
        }.get()
    }

    /// How many clients have had an event since `listenAgain`.
    func heardCount() async throws -> Int {
        try await self.eventLoop.submit { self.members.values.count { $0.hasHeard } }.get()
    }

    /// Forgets who has had an event.
    func listenAgain() async throws {
        try await self.eventLoop.submit { self.members.values.forEach { $0.hasHeard = false } }.get()
    }

    /// Resets every TCP connection, and waits until they are gone.
    func resetAll(within limit: TimeAmount) async throws {
        try await self.end(within: limit) { $0.reset() }
    }

    /// Closes every TCP connection, and waits until they are gone.
    func closeAll(within limit: TimeAmount) async throws {
        try await self.end(within: limit) { $0.close() }
    }

    private func end(within limit: TimeAmount, _ end: @escaping @Sendable (Subscriber) -> Void) async throws {
        try await self.eventLoop.flatSubmit {
            let members = Array(self.members.values)
            let gone = self.reach(.gone, self.counts[.gone, default: 0] + members.count, within: limit)
            members.forEach(end)
            return gone
        }.get()
    }

    /// Lets so many clients stop reading, or all read again.
    func setReading(_ reads: Bool, count: Int = .max) async throws {
        try await self.eventLoop.submit { self.members.values.prefix(count).forEach { $0.setReading(reads) } }.get()
    }

    // MARK: From the clients, on the loop

    func moved(from old: Subscriber.Stage, to new: Subscriber.Stage) {
        self.counts[old, default: 0] -= old == .connecting ? 0 : 1
        self.counts[new, default: 0] += 1
        if new == .subscribed || new == .gone, old < .subscribed { self.connecting -= 1 }
        if new == .subscribed { self.connectNext(.max) }
        self.checkWanted()
    }

    func left(_ member: Subscriber) {
        self.members[ObjectIdentifier(member)] = nil
        self.tally.left += 1
    }

    func failed(_ member: Subscriber, _ text: String) {
        if self.tally.complaints.count < 5 { self.tally.complaints.append(text) }
    }

    func received(_ event: EventText, after last: UInt64) {
        self.tally.count(event, after: last, now: .now())
        if let deliveries = self.deliveries, self.tally.delivered >= deliveries.count {
            self.deliveries = nil
            deliveries.promise.succeed()
        }
    }

    func ponged(_ duration: TimeAmount) {
        self.tally.pongs.append(UInt32(clamping: duration.nanoseconds / 1000))
    }

    // MARK: Inside

    private func connectNext(_ concurrency: Int) {
        guard self.connecting < concurrency, let topic = self.waiting?.topics.popFirst() else { return }
        self.connecting += 1
        let tokens = self.waiting?.tokens ?? []
        let token = tokens.isEmpty ? nil : tokens[self.opened % tokens.count]
        self.opened += 1
        let subscriber = Subscriber(topic: topic, authorization: token, fleet: self)
        self.members[ObjectIdentifier(subscriber)] = subscriber
        let bound = NIOLoopBound(subscriber, eventLoop: self.eventLoop)
        ClientBootstrap(group: self.eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(bound.value) }
            }
            .connect(host: "127.0.0.1", port: self.target.port)
            .whenFailure { error in
                let subscriber = bound.value
                self.failed(subscriber, "\(error)")
                self.connecting -= 1
                self.members[ObjectIdentifier(subscriber)] = nil
            }
    }

    private func reach(_ stage: Subscriber.Stage, _ count: Int, within limit: TimeAmount) -> EventLoopFuture<Void> {
        let promise = self.eventLoop.makePromise(of: Void.self)
        self.wanted = (stage, count, promise)
        let timer = self.eventLoop.scheduleTask(in: limit) {
            guard self.wanted != nil else { return }
            self.wanted = nil
            promise.fail(Late("\(self.count(at: stage)) of \(count) clients are \(stage): \(self.tally.complaints)"))
        }
        promise.futureResult.whenComplete { _ in timer.cancel() }
        self.checkWanted()
        return promise.futureResult
    }

    private func count(at stage: Subscriber.Stage) -> Int {
        stage == .gone
            ? self.counts[.gone, default: 0]
            : self.counts.reduce(0) { $0 + ($1.key >= stage && $1.key != .gone ? $1.value : 0) }
    }

    private func checkWanted() {
        guard let wanted = self.wanted, self.count(at: wanted.stage) >= wanted.count else { return }
        self.wanted = nil
        wanted.promise.succeed()
    }
}

/// Something did not happen in time.
struct Late: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
