import ArgumentParser
import Foundation
import Glibc
import NIOCore
import NIOPosix

/// Measures one server that runs already, and prints a figure a line: name, tab, value.
///
/// Events are published on Redis directly, so that every server gets the same load by the same way.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Measure a server that runs.")

    @Option(help: "Port of the server.") var port: Int
    @Option(help: "Process of the server.") var pid: Int32
    @Option(help: "Port of Redis.") var redisPort: Int
    @Option(help: "What stands before a topic in the name of its channel.") var prefix = "public:topic:"
    @Option(help: "File with tokens, one a line; clients present them in turn.") var tokens: String?
    @Option(help: "Subscribers of one topic.") var subscribers = 500
    @Option(help: "Topics with one subscriber each.") var topics = 1000
    @Option(help: "Events of one burst.") var burst = 100
    @Option(help: "Bursts.") var rounds = 20
    @Option(help: "Events per second in the paced part.") var pace = 5
    @Option(help: "Seconds of the paced parts; the processor is counted in hundredths of one.") var seconds: Int64 = 30
    @Option(help: "Connections made one after the other, many at a time.") var connections = 2000
    @Option(help: "Idle subscriptions, with a topic each.") var idle = 5000
    @Option(help: "What to measure: fanout, paced, half, channels, connects, idle.")
    var only: [String] = []

    func run() async throws {
        raiseDescriptorLimit()
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        let publisher = try await RedisPublisher.connect(port: self.redisPort, prefix: self.prefix, on: loop)
        let tokens = try self.tokens.map { try String(contentsOfFile: $0, encoding: .utf8) } ?? ""
        let session = Session(
            bench: self, loop: loop, publisher: publisher, tokens: tokens.split(separator: "\n").map(String.init))
        if self.wants("idle") { try await session.idle() }
        if self.wants("connects") { try await session.connects() }
        if self.wants("fanout") || self.wants("half") || self.wants("paced") { try await session.fanOut() }
        if self.wants("channels") { try await session.channels() }
        try await publisher.close()
    }

    func wants(_ part: String) -> Bool { self.only.isEmpty || self.only.contains(part) }

    /// The parts, one after the other.
    struct Session {
        let bench: Bench
        let loop: any EventLoop
        let publisher: RedisPublisher
        let tokens: [String]

        private var server: ProcessFigures { ProcessFigures(id: self.bench.pid) }

        private func print(_ name: String, _ value: Double, _ digits: Int = 1) {
            Swift.print("\(name)\t\(value.text(digits))")
            fflush(nil)
        }

        private func fleet() -> Fleet { Fleet(Target(port: self.bench.port), on: self.loop) }

        /// Probes until every client hears.
        private func warmUp(_ fleet: Fleet, _ topics: [String], _ count: Int) async throws {
            async let live: Void = fleet.live(count, within: .seconds(60))
            let probes = Task {
                while !Task.isCancelled {
                    try await self.publisher.probe(topics)
                    try await Task.sleep(for: .milliseconds(300))
                }
            }
            try await live
            probes.cancel()
            _ = await probes.result
            // The last probes are on their way.
            try await Task.sleep(for: .milliseconds(500))
            _ = try await fleet.takeTally()
        }

        func idle() async throws {
            let count = self.bench.idle
            let fleet = self.fleet()
            // One round first, for what is made once.
            try await fleet.open((0..<500).map { "w\($0)" }, tokens: self.tokens, within: .seconds(60))
            let before = self.server.residentBytes
            try await fleet.open(
                (0..<count).map { "i\($0)" }, tokens: self.tokens, within: .seconds(120))
            try await Task.sleep(for: .seconds(2))
            self.print("idle.bytes", Double(self.server.residentBytes - before) / Double(count), 0)
            try await fleet.closeAll(within: .seconds(30))
        }

        func connects() async throws {
            let count = self.bench.connections
            let fleet = self.fleet()
            let usage = Usage(self.server)
            try await fleet.open((0..<count).map { "n\($0)" }, tokens: self.tokens, within: .seconds(120))
            let used = usage.now()
            self.print("connects.per-second", Double(count) / used.wall, 0)
            self.print("connects.per-cpu-second", Double(count) / used.server, 0)
            try await fleet.closeAll(within: .seconds(30))
        }

        func fanOut() async throws {
            let count = self.bench.subscribers
            let fleet = self.fleet()
            try await fleet.open(
                Array(repeating: "fan", count: count), tokens: self.tokens, within: .seconds(60))
            try await self.warmUp(fleet, ["fan"], count)
            let perSecond = try await self.bursts(fleet, ["fan"], count, "fanout")
            if self.bench.wants("paced") {
                try await self.paced(fleet, "paced", self.bench.pace, count)
            }
            if self.bench.wants("half") {
                try await self.paced(fleet, "half", max(1, Int(perSecond / 2) / count), count)
            }
            try await fleet.closeAll(within: .seconds(30))
        }

        func channels() async throws {
            let topics = (0..<self.bench.topics).map { "c\($0)" }
            let fleet = self.fleet()
            try await fleet.open(topics, tokens: self.tokens, within: .seconds(60))
            try await self.warmUp(fleet, topics, topics.count)
            _ = try await self.bursts(fleet, topics, 1, "channels")
            try await fleet.closeAll(within: .seconds(30))
        }

        /// - Returns: Deliveries per second.
        private func bursts(
            _ fleet: Fleet, _ topics: [String], _ perTopic: Int, _ name: String
        ) async throws -> Double {
            let events = max(1, self.bench.burst / topics.count)
            let deliveries = events * topics.count * perTopic
            // One burst first, for what is made once.
            try await self.publisher.publish(events, on: topics)
            try await fleet.delivered(deliveries, within: .seconds(60))
            _ = try await fleet.takeTally(reserving: deliveries * self.bench.rounds)
            let usage = Usage(self.server)
            for round in 1...self.bench.rounds {
                try await self.publisher.publish(events, on: topics)
                try await fleet.delivered(deliveries * round, within: .seconds(60))
            }
            let used = usage.now()
            let tally = try await fleet.takeTally()
            self.print("\(name).deliveries-per-second", Double(tally.delivered) / used.wall, 0)
            self.print("\(name).deliveries-per-cpu-second", Double(tally.delivered) / max(used.server, 0.01), 0)
            self.print("\(name).client-share", used.client / (used.client + used.server), 2)
            self.print("\(name).wrong", Double(tally.repeated + tally.missed), 0)
            return Double(tally.delivered) / used.wall
        }

        private func paced(_ fleet: Fleet, _ name: String, _ rate: Int, _ subscribers: Int) async throws {
            _ = try await fleet.takeTally(reserving: rate * subscribers * Int(self.bench.seconds))
            let usage = Usage(self.server)
            let sent = try await self.publisher.publish(
                perSecond: rate, for: .seconds(self.bench.seconds), on: ["fan"])
            try await fleet.delivered(sent * subscribers, within: .seconds(60))
            let used = usage.now()
            let tally = try await fleet.takeTally()
            self.print("\(name).events-per-second", Double(rate), 0)
            self.print("\(name).deliveries-per-cpu-second", Double(tally.delivered) / max(used.server, 0.01), 0)
            self.print("\(name).client-share", used.client / (used.client + used.server), 2)
            self.print("\(name).p50-ms", Tally.percentile(0.5, of: tally.latencies) / 1000, 2)
            self.print("\(name).p99-ms", Tally.percentile(0.99, of: tally.latencies) / 1000, 2)
            self.print("\(name).wrong", Double(tally.repeated + tally.missed), 0)
        }
    }
}

/// What was used since it was made, in seconds.
struct Usage {
    private let process: ProcessFigures
    private let start = ContinuousClock.now
    private let server: Double
    private let client = ProcessFigures.own.processorSeconds

    init(_ process: ProcessFigures) {
        self.process = process
        self.server = process.processorSeconds
    }

    func now() -> (wall: Double, server: Double, client: Double) {
        let wall = ContinuousClock.now - self.start
        return (
            wall / .seconds(1), self.process.processorSeconds - self.server,
            ProcessFigures.own.processorSeconds - self.client
        )
    }
}
