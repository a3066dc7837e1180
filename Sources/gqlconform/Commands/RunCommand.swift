import ArgumentParser
import ConformanceKit

/// `gqlconform run`: judges a server.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Judge a server.",
        discussion: """
            A pattern is an id (transport-ws/ack-once), one cell of it, a uid (GC-0117), a family (transport-ws) or a glob: \
            * stands for anything but a slash, ** for anything.

            Exit codes: 0 good; 1 a requirement is broken, or a known failure is not as written down; 2 something could not be \
            decided, or nothing was played; 3 the server or its environment failed; 64 wrong usage, or a pattern that \
            matches nothing; 65 an invalid scenario or profile.
            """)

    @Argument(help: "What to play; everything if there is none.")
    var patterns: [String] = []

    @OptionGroup var profile: ProfileOptions
    @OptionGroup var suite: SuiteOptions

    @Option(help: "How many cases are played at a time; what the profile says or 24 by default. A case mostly waits.")
    var jobs: Int?

    @Option(help: ArgumentHelp("Where the report goes; reports/TIME by default.", valueName: "folder"))
    var out: String?

    @Flag(help: "One cell of each scenario, and none that may take long.")
    var quick = false

    @Flag(help: "Also scenarios that may take minutes.")
    var soak = false

    @Option(help: ArgumentHelp("Play one of n equal parts; `gqlconform merge` joins their reports.", valueName: "i/n"))
    var shard: String?

    @Option(help: ArgumentHelp("Play only the cases that failed in this report.", valueName: "report.json"))
    var rerunFailed: String?

    @Option(help: "How many times each case is played.")
    var `repeat`: Int?

    @Flag(help: "Play until a case fails, at most --repeat times or 1000 times.")
    var untilFail = false

    @Flag(help: "Outcomes that are merely acceptable count as failures.")
    var strict = false

    @Flag(help: "Judge a server that already runs, at the URLs of the profile or at --url.")
    var attach = false

    @Option(help: "The URL of a server that already runs; implies --attach.")
    var url: String?

    @Option(
        help: ArgumentHelp(
            "By what means faults are brought about: process (the run's own), docker (containers of start.compose or start.containers), external (only what needs no privilege). What fits the profile's start by default."
        ))
    var backend: Backend?

    @Option(
        help: ArgumentHelp(
            "How much longer every byte between clients and the server takes in each direction, such as 100ms; on endpoints without TLS.",
            valueName: "duration"))
    var linkLatency: String?

    @Option(help: ArgumentHelp("Start the server with this known fault.", valueName: "name"))
    var mutant: String?

    @Option(help: "Decides the order in which the cases start; a random one by default.")
    var seed: UInt64?

    @Option(
        name: .customLong("break"),
        help: ArgumentHelp(
            "Play only this case, and wait for Enter before its step of this number.", valueName: "id:step"))
    var breakAt: String?

    @Flag(help: "Show every message as it comes.")
    var trace = false

    @Flag(help: "No colours.")
    var noColor = false

    func validate() throws {
        guard (1...1000).contains(self.jobs ?? 1) else { throw ValidationError("--jobs takes 1 to 1000.") }
        guard (self.repeat ?? 1) >= 1 else { throw ValidationError("--repeat takes 1 or more.") }
        if self.mutant != nil, self.attach || self.url != nil {
            throw ValidationError("A server that already runs cannot be given a known fault.")
        }
        if let latency = self.linkLatency {
            guard let nanoseconds = DurationText.nanoseconds(latency), nanoseconds <= 10_000_000_000 else {
                throw ValidationError("--link-latency takes a duration of at most 10s: 100ms, for example.")
            }
        }
        if self.quick, self.soak { throw ValidationError("--quick and --soak exclude each other.") }
        if let shard = self.shard, Shard(shard) == nil { throw ValidationError("--shard takes 1/3, for example.") }
        if let place = self.breakAt, Breakpoint(place) == nil {
            throw ValidationError("--break takes an id and the number of a step: transport-ws/ack-once:2")
        }
    }

    func run() async throws {
        try await RunText.lastLine { try await self.launch().run() }
    }

    private func launch() throws -> RunLaunch {
        var launch = RunLaunch(profile: self.profile, suite: self.suite)
        launch.selection.patterns = self.patterns
        launch.selection.extent = self.quick ? .quick : self.soak ? .soak : .normal
        launch.selection.shard = self.shard.flatMap { Shard($0) }
        if let path = self.rerunFailed {
            let report = try ReportFiles.read(path)
            launch.selection.only = Set(report.cases.filter { $0.standing == .failed }.map(\.name))
        }
        launch.jobs = self.jobs
        launch.out = self.out
        launch.repetitions = self.repeat ?? (self.untilFail ? 1000 : 1)
        launch.untilFail = self.untilFail
        launch.strict = self.strict
        launch.attach = self.url ?? (self.attach ? "" : nil)
        launch.mutant = self.mutant
        launch.backend = self.backend
        launch.linkLatency = self.linkLatency
        launch.seed = self.seed
        launch.noColor = self.noColor
        launch.trace = self.trace
        launch.breakpoint = self.breakAt.flatMap { Breakpoint($0) }
        return launch
    }
}

extension Backend: ExpressibleByArgument {}
