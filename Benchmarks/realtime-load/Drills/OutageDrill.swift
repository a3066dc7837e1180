import ArgumentParser
import NIOCore
import TestSupport

/// What becomes of 200 streams under load when Redis is killed, hangs, cuts the subscriber, or is restarted.
struct OutageDrill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "outage", abstract: "Kill, stop, cut and restart Redis under load.")

    enum Fault: String, CaseIterable, ExpressibleByArgument {
        case kill, hang, cut, restart

        /// How long Redis is away.
        var duration: Duration {
            switch self {
            case .kill: .seconds(5)
            case .hang: .seconds(10)
            case .cut, .restart: .zero
            }
        }
    }

    @OptionGroup var options: DrillOptions
    @Option(help: "Which faults; all unless given.") var fault: [Fault] = []
    @Option(help: "Streams.") var streams = 200
    @Option(help: "Topics.") var topics = 20

    func run() async throws {
        let report = Report()
        for fault in self.fault.isEmpty ? Fault.allCases : self.fault {
            try await self.play(fault, report)
        }
        if report.brokenBounds > 0 { throw ExitCode(1) }
    }

    private func play(_ fault: Fault, _ report: Report) async throws {
        let stage = try await Stage.set(self.options)
        let topics = (0..<self.topics).map { "t\($0)" }
        let feeder = Feeder(redisPort: stage.redis.port, topics: topics, on: stage.loop)
        await feeder.start(every: .milliseconds(20))
        try await stage.fleet.open((0..<self.streams).map { topics[$0 % topics.count] }, within: .seconds(30))
        try await stage.fleet.live(self.streams, within: .seconds(30))
        let pinging = Task { try await self.ping(stage.fleet) }
        try await Task.sleep(for: .seconds(1))

        try await self.begin(fault, stage)
        try await Task.sleep(for: fault.duration)
        try await self.end(fault, stage)
        let back = ContinuousClock.now
        try await stage.fleet.listenAgain()
        try await eventually("every stream delivers again", within: .seconds(30)) {
            try await stage.fleet.heardCount() == self.streams
        }
        let recovery = (ContinuousClock.now - back) / .seconds(1)
        try await Task.sleep(for: .seconds(1))

        let tally = try await stage.fleet.takeTally()
        pinging.cancel()
        let slowest = max(try await pinging.value, Double(tally.pongs.max() ?? 0) / 1000)
        let subscriptions = try stage.subscriptions(of: topics)
        await feeder.stop()
        report.section("Redis: \(fault.rawValue), \(self.streams) streams on \(topics.count) topics")
        report.check(
            "process alive and ready", "\(stage.server.isRunning)", "yes",
            stage.server.isRunning && (try? stage.server.isReady) == true)
        report.check("streams still open", "\(self.streams - tally.left)", "all", tally.left == 0)
        report.check("slowest pong", "\(slowest.text()) ms", "≤ 1000 ms", slowest <= 1000)
        report.check("every stream delivers again after", "\(recovery.text(2)) s", "≤ 2 s", recovery <= 2)
        report.check(
            "subscriptions of each channel", "\(Set(subscriptions).sorted())", "[1]",
            subscriptions.count == topics.count && subscriptions.allSatisfy { $0 == 1 })
        report.check("events delivered twice", "\(tally.repeated)", "0", tally.repeated == 0)
        report.figure("events delivered", "\(tally.delivered)")
        report.figure("events lost in the outage", "\(tally.missed)")
        try await stage.fleet.closeAll(within: .seconds(10))
        let code = try await stage.server.stop()
        report.check("exit code after SIGTERM", "\(code)", "0", code == 0)
        try await eventually("Redis holds nothing of ours") { try stage.channelCount() == 0 }
        stage.redis.kill()
    }

    private func begin(_ fault: Fault, _ stage: Stage) async throws {
        switch fault {
        case .kill: stage.redis.kill()
        case .hang: stage.redis.hang()
        case .cut: try stage.redis.command("CLIENT", "KILL", "TYPE", "pubsub")
        case .restart:
            stage.redis.kill()
            try await stage.redis.restart()
        }
    }

    private func end(_ fault: Fault, _ stage: Stage) async throws {
        switch fault {
        case .kill: try await stage.redis.restart()
        case .hang: stage.redis.wake()
        case .cut, .restart: break
        }
    }

    /// Pings all clients ten times a second until it is cancelled; returns the slowest pong in milliseconds.
    private func ping(_ fleet: Fleet) async throws -> Double {
        var slowest = 0.0
        while !Task.isCancelled {
            slowest = max(slowest, try await fleet.longestWaitForPong())
            try await fleet.ping()
            try? await Task.sleep(for: .milliseconds(100))
        }
        return slowest
    }
}
