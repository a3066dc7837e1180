import ArgumentParser
import ConformanceKit
import Foundation

/// `gqlconform lab load`.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load", abstract: "Hold many subscriptions, and check every delivery.",
        discussion: """
            Every subscription has to get every event of its topic once, in order, and nobody else's. One process watches \
            tens of thousands, because it keeps nothing of what it has checked. Figures are printed one a line: name, tab, \
            value.

            Exit codes: 0 everything came as it should; 1 it did not; 3 the server cannot be loaded.
            """)

    @OptionGroup var lab: LabOptions

    @Option(help: "Connections, each with one subscription.")
    var subscriptions = 1000

    @Option(help: "Topics that they share.")
    var topics = 1

    @Option(help: "Events on each topic; 0 only holds the subscriptions.")
    var events = 200

    @Option(help: "Events on each topic that are emitted together.")
    var burst = 20

    func validate() throws {
        guard (1...60_000).contains(self.subscriptions), (1...self.subscriptions).contains(self.topics),
            (0...1_000_000).contains(self.events), (1...10_000).contains(self.burst)
        else { throw ValidationError("--subscriptions takes 1 to 60000, --topics no more than those.") }
    }

    func run() async throws {
        let exit = try await Console.reporting { try await self.load() }
        guard exit == .good else { throw exit.code }
    }

    private func load() async throws -> RunExit {
        var plan = LoadLab.Plan()
        plan.subscriptions = self.subscriptions
        plan.topics = self.topics
        plan.events = self.events
        plan.burst = self.burst
        // Before a server is started, which then has the same limit.
        try DescriptorLimit.raise(to: plan.descriptors)
        let result = try await self.lab.withServer { [plan] _, bed, _ in
            try await LoadLab(bed.target, plan: plan).run { Console.complain($0) }
        }
        self.show("subscriptions", Double(result.subscriptions), 0)
        self.show("opened-per-second", Double(result.subscriptions) / max(result.opened, 0.001), 0)
        self.show("bytes-each", Double(result.bytesEach), 0)
        self.show("idle-processor-share", result.idle, 2)
        if result.expected > 0 {
            self.show("deliveries", Double(result.delivered), 0)
            self.show("deliveries-per-second", result.deliveriesPerSecond, 0)
            self.show("deliveries-per-cpu-second", result.deliveriesPerProcessorSecond, 0)
        }
        for (name, count) in [
            ("missing", result.expected - result.delivered), ("duplicates", result.duplicates),
            ("reordered", result.reordered), ("foreign", result.foreign),
        ] { self.show(name, Double(count), 0) }
        for (why, count) in result.failures.sorted(by: { $0.value > $1.value }).prefix(5) {
            Console.complain("\(count) times: \(why)")
        }
        return result.isRight ? .good : .failure
    }

    private func show(_ name: String, _ value: Double, _ digits: Int) {
        Console.print("\(name)\t\(String(format: "%.\(digits)f", value))")
    }
}
