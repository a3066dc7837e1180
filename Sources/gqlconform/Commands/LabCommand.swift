import ArgumentParser
import ConformanceKit
import Foundation

/// `gqlconform lab`: looks for what a server leaves behind.
struct LabCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lab", abstract: "Look for what a server leaves behind, and load it.",
        subcommands: [LeakCommand.self, DisconnectCommand.self, LoadCommand.self])
}

/// Which server the laboratory looks at.
struct LabOptions: ParsableArguments {
    @OptionGroup var profile: ProfileOptions

    @Option(help: "The URL of a server that already runs; without --profile it is surveyed first.")
    var url: String?

    @Option(help: ArgumentHelp("Start the server with this known fault.", valueName: "name"))
    var mutant: String?

    @Option(help: ArgumentHelp("Where the page and the numbers go; reports/lab-TIME by default.", valueName: "folder"))
    var out: String?

    /// The profile that was given, or one made by looking at the server.
    func loaded() async throws -> Profile {
        if self.profile.profile != nil { return try self.profile.load() }
        guard let url = self.url else { throw UsageError(message: "Which server? Give --profile FILE or --url URL.") }
        let survey = try await ServerSurvey.make(url: url, headers: []) { Console.complain("found: \($0)") }
        var text = ProfileDraft.text(survey, name: "server")
        if let redis = self.profile.redis { text += "redis: {url: \"\(redis)\"}\n" }
        return try ProfileLoader.read(text, file: "survey of \(url)")
    }

    /// Runs the body with a server that runs.
    func withServer<Result: Sendable>(
        _ body: @escaping @Sendable (Profile, TestBed, StopSwitch) async throws -> Result
    ) async throws -> Result {
        let profile = try await self.loaded()
        let attach = self.url.map { _ in self.profile.profile == nil ? "" : self.url ?? "" }
        let mutant = self.mutant
        return try await Interruptible.run { stop in
            let http = HTTPClient(threads: 1)
            let bed = try await TestBed.start(
                profile, setting: Here.setting(logDirectory: nil), mutant: mutant, attach: attach, http: http)
            await http.shutdown()
            do {
                if bed.servers.isEmpty {
                    try await FirstContact(bed.target, note: { Console.complain($0) }).make()
                }
                let result = try await body(profile, bed, stop)
                await bed.stop()
                return result
            } catch {
                await bed.stop()
                throw error
            }
        }
    }

    /// Writes the page and the numbers; returns the page's path.
    func write(page: String, numbers: some Encodable) throws -> String {
        let folder = self.out ?? "reports/lab-\(Timestamp.folderName())-\(getpid())"
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(page.utf8).write(to: URL(fileURLWithPath: folder + "/lab.html"))
            try encoder.encode(numbers).write(to: URL(fileURLWithPath: folder + "/lab.json"))
        } catch {
            throw HarnessError("The page cannot be written to \(folder): \(error.localizedDescription)")
        }
        return folder + "/lab.html"
    }
}

/// `gqlconform lab leak`.
struct LeakCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "leak", abstract: "Open, subscribe and drop connections, and see whether something grows.",
        discussion: "Exit codes: 0 no leak; 1 a leak; 2 unclear; 3 the server cannot be looked at.")

    @OptionGroup var lab: LabOptions

    @Option(help: "How connections end: rst, fin, close or mid-frame.")
    var drop = "rst"

    @Option(help: "How many connections.")
    var cycles = 5000

    @Option(help: "How many connections at a time.")
    var jobs = 16

    @Option(help: "The process of a server that already runs, on this machine.")
    var pid: Int32?

    func validate() throws {
        guard LeakLab.Drop(rawValue: self.drop) != nil else {
            throw ValidationError("--drop takes \(LeakLab.Drop.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        guard (1...1_000_000).contains(self.cycles), (1...1000).contains(self.jobs) else {
            throw ValidationError("--cycles takes 1 to 1000000, --jobs 1 to 1000.")
        }
    }

    func run() async throws {
        let exit = try await Console.reporting { try await self.examine() }
        guard exit == .good else { throw exit.code }
    }

    private func examine() async throws -> RunExit {
        let (drop, cycles, jobs, pid) = (LeakLab.Drop(rawValue: self.drop) ?? .rst, self.cycles, self.jobs, self.pid)
        let isTerminal = Console.isTerminal
        let (name, result) = try await self.lab.withServer { profile, bed, stop in
            let lab = try LeakLab(
                bed.target, processID: pid ?? bed.servers.first?.process.processID, drop: drop, cycles: cycles,
                jobs: jobs)
            let result = try await lab.run(stop: stop) { Self.show($0, isTerminal: isTerminal) }
            return ("\(profile.name) \(profile.version)", result)
        }
        if isTerminal { Console.print("") }
        for series in result.series {
            let name = series.name.padding(toLength: 18, withPad: " ", startingAt: 0)
            Console.print("\(name) \(LabPage.sparkline(series))  \(LabPage.line(series))")
        }
        if let smallest = result.smallest { Console.print("smallest reproduction: \(smallest)") }
        let page = try self.lab.write(
            page: try LabPage.html(result, server: name, reproduce: CommandLine.arguments.joined(separator: " ")),
            numbers: result)
        Console.print("\(result.finding == .none ? "no leak" : result.finding.rawValue); \(page)")
        switch result.finding {
        case .leak: return .failure
        case .none: return .good
        case .unclear: return .inconclusive
        }
    }

    private static func show(_ series: [LeakLab.Series], isTerminal: Bool) {
        guard let first = series.first, let sample = first.samples.last else { return }
        let text = "\(sample.cycles) connections  \(first.name) \(Int(sample.used))  \(LabPage.sparkline(first))"
        if isTerminal {
            Console.write("\r\u{1B}[K\(text)")
        } else if first.samples.count % 12 == 1 {
            Console.print(text)
        }
    }
}

/// `gqlconform lab disconnect`.
struct DisconnectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disconnect",
        abstract: "End connections in every way at every point, and see what is left behind.",
        discussion: "Exit codes: 0 nothing is left; 1 something is; 2 unclear; 3 the server cannot be looked at.")

    @OptionGroup var lab: LabOptions

    func run() async throws {
        let exit = try await Console.reporting { try await self.examine() }
        guard exit == .good else { throw exit.code }
    }

    private func examine() async throws -> RunExit {
        let (name, cells) = try await self.lab.withServer { profile, bed, stop in
            let cells = try await DisconnectLab(bed.target).run(stop: stop) { cell in
                if cell.outcome != .clean {
                    Console.print("\(cell.outcome.rawValue): \(cell.point), \(cell.ending): \(cell.text)")
                }
            }
            return ("\(profile.name) \(profile.version)", cells)
        }
        func padded(_ text: String) -> String { text.padding(toLength: 14, withPad: " ", startingAt: 0) }
        Console.print(
            "".padding(toLength: 22, withPad: " ", startingAt: 0)
                + DisconnectLab.endings.map { padded($0.name) }.joined())
        var points: [String] = []
        for cell in cells where !points.contains(cell.point) { points.append(cell.point) }
        for point in points {
            let row = cells.filter { $0.point == point }.map { padded($0.outcome.rawValue) }.joined()
            Console.print(point.padding(toLength: 22, withPad: " ", startingAt: 0) + row)
        }
        let page = try self.lab.write(
            page: try LabPage.html(cells, server: name, reproduce: CommandLine.arguments.joined(separator: " ")),
            numbers: cells)
        let left = cells.filter { $0.outcome == .left }.count
        Console.print("\(left) of \(cells.count) leave something behind; \(page)")
        if left > 0 { return .failure }
        return cells.isEmpty || cells.contains { $0.outcome == .unclear } ? .inconclusive : .good
    }
}
