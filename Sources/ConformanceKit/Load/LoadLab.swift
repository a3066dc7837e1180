import Glibc
import NIOCore
import NIOPosix

/// Holds many subscriptions at a time and checks every delivery: that each came once, in order, and to nobody else.
///
/// A case keeps every byte for its report. A load keeps none, so that one process can watch many subscriptions; it reads
/// frames with the same parser.
package struct LoadLab: Sendable {
    /// How much.
    package struct Plan: Sendable {
        /// Connections, each with one subscription.
        package var subscriptions = 1000
        /// The topics that they share evenly; at most as many as there are subscriptions.
        package var topics = 1
        /// Events on each topic; 0 only holds the subscriptions.
        package var events = 1000
        /// Events on each topic that are emitted together.
        package var burst = 50
        /// Connections that are being opened at a time.
        package var opening = 64

        package init() {}

        /// What a process needs that holds them: some are for its files, its event loops and its way to Redis.
        package var descriptors: Int { self.subscriptions + 200 }
    }

    /// What came out.
    package struct Result: Sendable, Equatable, Codable {
        package var schema = 1
        package var subscriptions: Int
        package var topics: Int
        /// Seconds until all had subscribed.
        package var opened: Double
        /// Bytes of this process for each subscription.
        package var bytesEach: Int
        /// Processor seconds of this process while the subscriptions were held idle for a second.
        package var idle: Double
        package var expected: Int
        package var delivered: Int
        package var duplicates: Int
        package var reordered: Int
        package var missed: Int
        package var foreign: Int
        /// Seconds from the first event to the last delivery.
        package var seconds: Double
        /// Processor seconds of this process in that time.
        package var processor: Double
        /// What went wrong with connections, and how often.
        package var failures: [String: Int]

        /// Whether everything came as it should.
        package var isRight: Bool {
            self.failures.isEmpty && self.delivered == self.expected
                && self.duplicates + self.reordered + self.missed + self.foreign == 0
        }

        package var deliveriesPerSecond: Double { Double(self.delivered) / max(self.seconds, 0.001) }

        /// How many deliveries this process would check in a second if it had one processor to itself.
        package var deliveriesPerProcessorSecond: Double { Double(self.delivered) / max(self.processor, 0.001) }
    }

    private let target: Target
    private let endpoint: Target.Endpoint
    private let stream: Target.StreamTemplate
    private let plan: Plan
    private let board: LoadBoard
    private let emitter: LoadEmitter

    /// A load.
    ///
    /// - Throws: If the profile lacks what a load needs: graphql-transport-ws without TLS and tokens, a stream, and events by
    ///   Redis or by a mutation over HTTP.
    package init(_ target: Target, plan: Plan) throws(HarnessError) {
        guard let endpoint = target.endpoints["transport-ws"], !endpoint.isSecure else {
            throw HarnessError("A load needs an endpoint transport-ws without TLS in the profile.")
        }
        guard target.declared.auth.map({ $0.defaultSubject == "none" }) ?? true else {
            throw HarnessError(
                "A load presents no tokens: it needs a profile without auth, or with auth.default: none.")
        }
        guard let stream = target.stream else { throw HarnessError("A load needs a stream in the profile.") }
        self.target = target
        self.endpoint = endpoint
        self.stream = stream
        self.plan = plan
        self.board = LoadBoard(mark: LoadMark())
        self.emitter = try LoadEmitter(target, mark: self.board.mark)
    }

    /// Opens, holds, emits and closes.
    ///
    /// - Parameter report: Called with a sentence at every stage.
    package func run(report: @Sendable (String) -> Void) async throws(HarnessError) -> Result {
        try DescriptorLimit.raise(to: self.plan.descriptors)
        let group = MultiThreadedEventLoopGroup.singleton
        let before = Self.facts()
        let started = ContinuousClock.now
        let members = await self.open(on: group)
        try await self.reach(self.plan.subscriptions, within: .seconds(180)) { $0.subscribed }
        let opened = ContinuousClock.now - started
        let after = Self.facts()
        report("\(self.plan.subscriptions) subscriptions in \(Self.text(opened)) s")
        // What a second of silence costs: keep-alives are answered, nothing else happens.
        try? await Task.sleep(for: .seconds(1))
        let idle = Double(Self.facts().processorTime - after.processorTime) / 1000
        var result = Result(
            subscriptions: self.plan.subscriptions, topics: self.plan.topics, opened: opened / .seconds(1),
            bytesEach: (after.memory - before.memory) / max(1, self.plan.subscriptions), idle: idle,
            expected: self.plan.events * self.plan.subscriptions, delivered: 0, duplicates: 0, reordered: 0, missed: 0,
            foreign: 0, seconds: 0, processor: 0, failures: [:])
        if self.plan.events > 0 {
            try await self.warmUp()
            report("every subscription delivers")
            try await self.emit(&result)
        }
        self.board.close()
        for member in members {
            guard let ledger = try? await member.channel.eventLoop.submit({ member.handler.value.ledger }).get() else {
                continue
            }
            result.duplicates += ledger.duplicates
            result.reordered += ledger.reordered
            result.missed += ledger.missed
            result.foreign += ledger.foreign
        }
        result.delivered = self.board.deliveries
        result.failures = self.board.now.failures
        for member in members { member.channel.close(promise: nil) }
        await self.emitter.shutdown()
        return result
    }

    private struct Member: Sendable {
        var channel: any Channel
        var handler: NIOLoopBound<LoadHandler>
    }

    private func open(on group: any EventLoopGroup) async -> [Member] {
        await withTaskGroup(of: Member?.self) { tasks in
            var members: [Member] = []
            members.reserveCapacity(self.plan.subscriptions)
            for number in 0..<self.plan.subscriptions {
                if number >= self.plan.opening, let member = await tasks.next() ?? nil { members.append(member) }
                tasks.addTask { await self.openOne(number, on: group.next()) }
            }
            for await member in tasks { if let member { members.append(member) } }
            return members
        }
    }

    private func openOne(_ number: Int, on loop: any EventLoop) async -> Member? {
        let topic = number % self.plan.topics
        let variables = self.stream.variables.replacing(["topic": self.emitter.topic(topic)])
        let payload = JSON.object([.init("query", .string(self.stream.document)), .init("variables", variables)])
        let message = JSON.object([
            .init("id", .string("s1")), .init("type", .string("subscribe")), .init("payload", payload),
        ])
        let request = UpgradeRequest(
            ConnectArguments(
                name: "c", transport: "transport-ws", headers: [], headerLines: [], method: "GET", thenSend: [],
                mustUpgrade: true, answersMessagePings: true, answersControlPings: true, answersClose: true),
            endpoint: self.endpoint)
        let board = self.board
        do {
            let handler = try await loop.submit {
                NIOLoopBound(
                    LoadHandler(
                        board: board, topic: topic, subscription: Array(message.text.utf8), key: request.key),
                    eventLoop: loop)
            }.get()
            let channel = try await ClientBootstrap(group: loop)
                .connectTimeout(.seconds(30))
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(handler.value)
                    }
                }
                .connect(host: self.endpoint.host, port: self.endpoint.port).get()
            channel.writeAndFlush(channel.allocator.buffer(bytes: request.bytes), promise: nil)
            return Member(channel: channel, handler: handler)
        } catch {
            board.failed("\(error)")
            return nil
        }
    }

    /// Probes until every subscription has delivered one.
    private func warmUp() async throws(HarnessError) {
        for _ in 0..<120 {
            try await self.emitter.emit(0...0, topics: self.plan.topics)
            let isLive = await self.reached(self.plan.subscriptions, within: .milliseconds(500)) { $0.heard }
            if isLive { return }
        }
        throw HarnessError("\(self.board.now.heard) of \(self.plan.subscriptions) subscriptions deliver.")
    }

    private func emit(_ result: inout Result) async throws(HarnessError) {
        let before = Self.facts()
        let started = ContinuousClock.now
        var number = 0
        while number < self.plan.events {
            let last = min(self.plan.events, number + self.plan.burst)
            try await self.emitter.emit((number + 1)...last, topics: self.plan.topics)
            number = last
            // No more than two bursts are under way, so that the server is never flooded.
            let wanted = max(0, number - self.plan.burst) * self.plan.subscriptions
            guard await self.delivered(wanted, within: .seconds(60)) else { break }
        }
        _ = await self.delivered(result.expected, within: .seconds(60))
        result.seconds = (ContinuousClock.now - started) / .seconds(1)
        result.processor = Double(Self.facts().processorTime - before.processorTime) / 1000
    }

    // MARK: Waiting

    private func reach(
        _ count: Int, within limit: Duration, _ figure: (LoadBoard.Figures) -> Int
    ) async throws(HarnessError) {
        guard await self.reached(count, within: limit, figure) else {
            let now = self.board.now
            let why = now.failures.max { $0.value < $1.value }.map { ": \($0.key) (\($0.value) times)" } ?? ""
            throw HarnessError("\(figure(now)) of \(count) connections got there\(why).")
        }
    }

    private func reached(
        _ count: Int, within limit: Duration, _ figure: (LoadBoard.Figures) -> Int
    ) async -> Bool {
        await Self.waits(limit) {
            let now = self.board.now
            return figure(now) >= count ? true : now.failures.isEmpty ? nil : false
        }
    }

    private func delivered(_ count: Int, within limit: Duration) async -> Bool {
        await Self.waits(limit) {
            self.board.deliveries >= count ? true : self.board.now.failures.isEmpty ? nil : false
        }
    }

    /// Asks every few milliseconds: event loops count on threads of their own, which must not pay for waking anybody.
    private static func waits(_ limit: Duration, _ answer: () -> Bool?) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while true {
            if let answer = answer() { return answer }
            guard ContinuousClock.now < deadline, !Task.isCancelled else { return false }
            try? await Task.sleep(for: .milliseconds(2))
        }
    }

    // MARK: This process

    private static func facts() -> ProcessFacts {
        ProcessProbe.look(at: getpid()) ?? ProcessFacts(memory: 0, threads: 0, descriptors: 0, processorTime: 0)
    }

    private static func text(_ duration: Duration) -> String {
        let tenths = Int((duration / .milliseconds(100)).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
