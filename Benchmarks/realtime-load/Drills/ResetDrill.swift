import ArgumentParser
import NIOCore
import TestSupport

/// Many idle subscriptions end by TCP resets, three times: everything they held has to be given back.
struct ResetDrill: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Reset thousands of idle subscriptions and look for what stays.")

    @OptionGroup var options: DrillOptions
    @Option(help: "Idle subscriptions, each on a topic of its own.") var subscriptions = 10_000
    @Option(help: "How often.") var rounds = 3

    /// What is looked at.
    private struct Figures {
        var gauges: [Int]
        var descriptors: Int
        var channels: Int
        var resident: Int
    }

    private func look(_ stage: Stage) throws -> Figures {
        let gauges = try ["graphql_realtime_sockets", "graphql_realtime_source_streams"].map {
            try stage.server.metric($0)
        }
        return Figures(
            gauges: gauges, descriptors: stage.server.figures.descriptors, channels: try stage.channelCount(),
            resident: stage.server.figures.residentBytes)
    }

    func run() async throws {
        let report = Report()
        let stage = try await Stage.set(self.options)
        let topics = (0..<self.subscriptions).map { "t\($0)" }
        // A little load first, for what is made once.
        try await stage.fleet.open(Array(topics.prefix(500)), within: .seconds(30))
        try await stage.fleet.closeAll(within: .seconds(30))
        try await Task.sleep(for: .seconds(2))
        let base = try self.look(stage)
        var after: [Int] = []
        for round in 1...self.rounds {
            report.section("\(self.subscriptions) idle subscriptions reset, round \(round)")
            try await stage.fleet.open(topics, within: .seconds(120))
            try await eventually("all are at Redis", within: .seconds(60)) {
                try stage.channelCount() == self.subscriptions
            }
            let full = try self.look(stage)
            let each = (full.resident - base.resident) / self.subscriptions
            report.figure("resident per subscription", "\(each) bytes")
            let start = ContinuousClock.now
            try await stage.fleet.resetAll(within: .seconds(30))
            var last = full
            try? await eventually("everything is given back", within: .seconds(10)) {
                last = try self.look(stage)
                return last.gauges == base.gauges && last.descriptors <= base.descriptors && last.channels == 0
            }
            let took = (ContinuousClock.now - start) / .seconds(1)
            report.check("everything given back after", "\(took.text(2)) s", "≤ 2 s", took <= 2)
            report.check("gauges: sockets, sources", "\(last.gauges)", "\(base.gauges)", last.gauges == base.gauges)
            report.check(
                "descriptors", "\(last.descriptors)", "≤ \(base.descriptors)",
                last.descriptors <= base.descriptors)
            report.check("channels at Redis", "\(last.channels)", "0", last.channels == 0)
            try await Task.sleep(for: .seconds(2))
            let resident = stage.server.figures.residentBytes
            after.append(resident)
            let growth = Double(resident - base.resident) / Double(base.resident) * 100
            report.check(
                "resident against the baseline of \(base.resident >> 10) KiB",
                "\(resident >> 10) KiB, \(growth.text()) %", "≤ 5 %", growth <= 5)
        }
        if after.count >= 3 {
            let growth = Double(after[2] - after[1]) / Double(after[1]) * 100
            report.section("Growth")
            report.check("resident from round 2 to round 3", "\(growth.text(2)) %", "≤ 1 %", growth <= 1)
        }
        let code = try await stage.server.stop()
        report.check("exit code after SIGTERM", "\(code)", "0", code == 0)
        stage.redis.kill()
        if report.brokenBounds > 0 { throw ExitCode(1) }
    }
}
