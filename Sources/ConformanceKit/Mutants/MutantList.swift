import Foundation

/// A known fault that a server can be started with.
package struct Mutant: Sendable, Equatable {
    /// Its name, as scenarios claim it under `kills`.
    package var name: String
    /// What is wrong, in one sentence.
    package var summary: String
    /// Which rule is broken.
    package var source: String
}

/// The known faults of a server.
package enum MutantList {
    /// Asks the server of the profile; `nil` if the profile names no command for it.
    package static func load(
        _ profile: Profile, environment: [String: String], gqlconform: String
    ) async throws(HarnessError) -> [Mutant]? {
        guard case .command(let command) = profile.start, !command.mutantList.isEmpty else { return nil }
        let facts = ServerProcess.Facts(
            environment: environment, redis: nil, secret: "", gqlconform: gqlconform)
        let values = facts.placeholders(port: nil)
        let arguments = command.mutantList.map { Placeholders.fill($0, values) }
        let path = try ServerProcess.program(arguments[0], facts: facts, environment: environment)
        let log = LogCapture(path: nil)
        let process = try await ChildProcess.start(
            ChildCommand(
                arguments: [path] + arguments.dropFirst(), environment: environment, directory: command.directory),
            log: log, guardExecutable: gqlconform)
        let exit = await process.waitForExit()
        await log.waitForEnd()
        guard exit == .code(0) else {
            throw HarnessError("\(arguments.joined(separator: " ")) \(exit).", logTail: log.tail())
        }
        return try self.parse(log.tail(.max), command: arguments.joined(separator: " "))
    }

    /// The mutants in lines of name, tab, sentence, tab, source.
    static func parse(_ lines: [String], command: String) throws(HarnessError) -> [Mutant] {
        var mutants: [Mutant] = []
        for line in lines where !line.allSatisfy(\.isWhitespace) {
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, !parts[0].isEmpty else {
                throw HarnessError("\(command) printed a line that is no name, tab, sentence, tab, source: \(line)")
            }
            mutants.append(Mutant(name: parts[0], summary: parts[1], source: parts[2]))
        }
        return mutants
    }

    /// A mistake for every scenario above INFO that names no fault, so that nothing shows that it can fail.
    package static func claimless(in scenarios: [Scenario]) -> [ScenarioError] {
        scenarios.filter { $0.kills.isEmpty && $0.level != .info }.map { scenario in
            ScenarioError(
                file: scenario.file, line: scenario.line, column: 1,
                problem: "\(scenario.id) (\(scenario.level.rawValue)) names no fault under `kills`",
                hint: "nothing shows that it can fail")
        }
    }

    /// A mistake for every name under `kills` that the server does not know.
    package static func unknownClaims(in scenarios: [Scenario], _ mutants: [Mutant]) -> [ScenarioError] {
        let names = mutants.map(\.name)
        return scenarios.flatMap { scenario in
            scenario.kills.filter { !names.contains($0) }.map { name in
                ScenarioError(
                    file: scenario.file, line: scenario.line, column: 1,
                    problem: "\(scenario.id) claims to kill \(name), which the server does not know",
                    hint: Suggestion.nearest(to: name, among: names).map { "did you mean `\($0)`?" } ?? "")
            }
        }
    }
}
