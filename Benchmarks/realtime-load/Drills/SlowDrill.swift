import ArgumentParser
import NIOCore
import TestSupport

/// One client stops reading under load: the others must not notice, and memory must keep within bounds.
struct SlowDrill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slow", abstract: "Let one of many subscribers stop reading.")

    @OptionGroup var options: DrillOptions
    @Option(help: "Subscribers.") var subscribers = 500
    @Option(help: "Topics that they share.") var topics = 20
    @Option(help: "Events per second, over all topics.") var rate = 1000
    @Option(help: "Seconds without and with a client that does not read.") var seconds: Int64 = 30
    @Option(help: "What memory may grow by, in MiB.") var memory = 64

    func run() async throws {
        let report = Report()
        let stage = try await Stage.set(self.options)
        let topics = (0..<self.topics).map { "t\($0)" }
        let slow = Fleet(Target(port: stage.server.port), on: stage.loop)
        try await stage.fleet.open((1..<self.subscribers).map { topics[$0 % topics.count] }, within: .seconds(30))
        try await slow.open([topics[0]], within: .seconds(30))
        let publisher = try await RedisPublisher.connect(port: stage.redis.port, prefix: Stage.prefix, on: stage.loop)
        try await eventually("all hear", within: .seconds(30)) {
            try await publisher.probe(topics)
            return try await stage.fleet.heardCount() == self.subscribers - 1
        }
        let before = try await self.play(stage, publisher, topics)
        let resident = stage.server.figures.residentBytes
        try await slow.setReading(false)
        let during = try await self.play(stage, publisher, topics)
        let growth = Double(stage.server.figures.residentBytes - resident) / Double(1 << 20)

        let (calm, busy) = (
            Tally.percentile(0.99, of: before.latencies) / 1000, Tally.percentile(0.99, of: during.latencies) / 1000
        )
        report.section("One of \(self.subscribers) does not read, \(self.rate) events per second for \(self.seconds) s")
        report.figure("deliveries to the others", "\(during.delivered)")
        report.check(
            "lost or repeated", "\(during.missed + during.repeated)", "0",
            during.missed + during.repeated == 0)
        report.check("others cut", "\(before.left + during.left)", "0", before.left + during.left == 0)
        // Below a millisecond it is the machine that is measured.
        report.check(
            "p99 of the others", "\(busy.text(2)) ms, was \(calm.text(2)) ms", "≤ double, or ≤ 2 ms",
            busy <= max(2 * calm, 2))
        report.check("memory grew by", "\(growth.text()) MiB", "≤ \(self.memory) MiB", growth <= Double(self.memory))
        report.check(
            "process alive and ready", "\(stage.server.isRunning)", "yes",
            stage.server.isRunning && (try? stage.server.isReady) == true)
        try await slow.setReading(true)
        try await stage.fleet.closeAll(within: .seconds(10))
        try await slow.closeAll(within: .seconds(10))
        let code = try await stage.server.stop()
        report.check("exit code after SIGTERM", "\(code)", "0", code == 0)
        stage.redis.kill()
        if report.brokenBounds > 0 { throw ExitCode(1) }
    }

    private func play(_ stage: Stage, _ publisher: RedisPublisher, _ topics: [String]) async throws -> Tally {
        let perTopic = (self.subscribers - 1) / topics.count
        _ = try await stage.fleet.takeTally(reserving: self.rate * (perTopic + 1) * Int(self.seconds))
        let sent = try await publisher.publish(perSecond: self.rate, for: .seconds(self.seconds), on: topics)
        // How many each topic has; the first has one fewer, since its other subscriber is the slow one.
        var expected = 0
        for (place, _) in topics.enumerated() {
            let members = (1..<self.subscribers).count { $0 % topics.count == place }
            expected += members * (sent / topics.count + (place < sent % topics.count ? 1 : 0))
        }
        try await stage.fleet.delivered(expected, within: .seconds(60))
        return try await stage.fleet.takeTally()
    }
}
