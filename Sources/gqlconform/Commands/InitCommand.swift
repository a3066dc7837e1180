import ArgumentParser
import ConformanceKit
import Foundation

/// `gqlconform init`: writes a first profile.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Look at a server that runs, and write a first profile for it.",
        discussion: "Exit codes: 0 written; 3 nothing was found; 64 the file exists already.")

    @Option(help: "Any URL of the server, such as http://127.0.0.1:8000/graphql.")
    var url: String

    @Option(
        help: ArgumentHelp("A header of every HTTP request, such as \"Authorization: Bearer x\".", valueName: "line"))
    var header: [String] = []

    @Option(help: "The name of the server.")
    var name = "my-server"

    @Option(help: ArgumentHelp("The file to write; standard output if it is left out.", valueName: "file"))
    var out: String?

    func run() async throws {
        try await Console.reporting {
            if let out = self.out, FileManager.default.fileExists(atPath: out) {
                throw UsageError(message: "\(out) exists already: give another file to --out.")
            }
            let headers = try self.header.map { line -> HTTPHeader in
                let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
                guard parts.count == 2 else {
                    throw UsageError(message: "--header takes a line such as \"Name: value\".")
                }
                return HTTPHeader(name: parts[0], value: parts[1])
            }
            let survey = try await ServerSurvey.make(
                url: self.url, headers: headers, report: { Console.complain("found: \($0)") },
                waiting: { Console.complain($0) })
            let text = ProfileDraft.text(survey, name: self.name)
            guard let out = self.out else {
                Console.write(text)
                return
            }
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: out))
            } catch {
                throw HarnessError("\(out) cannot be written.")
            }
            Console.print("wrote \(out); next: gqlconform doctor --profile \(out)")
        }
    }
}
