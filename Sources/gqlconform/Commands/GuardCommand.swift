import ArgumentParser
import ConformanceKit

/// `gqlconform guard`: holds one child process of a run. Started by the runner itself.
struct GuardCommand: ParsableCommand {
    static let name = "guard"
    static let configuration = CommandConfiguration(
        commandName: name, abstract: "Hold a child process that must not outlive the runner.", shouldDisplay: false)

    @Option(name: .customLong("grace-ms"), help: "Milliseconds between SIGTERM and SIGKILL.")
    var graceMilliseconds = 3000

    @Option(help: "The working directory of the command.")
    var directory: String?

    @Argument(parsing: .captureForPassthrough, help: "The command, after --.")
    var command: [String] = []

    func run() throws {
        let words = self.command.first == "--" ? Array(self.command.dropFirst()) : self.command
        guard !words.isEmpty else { throw ValidationError("Which command is to be held?") }
        let grace = Duration.milliseconds(self.graceMilliseconds)
        throw ExitCode(Guard.run(command: words, directory: self.directory, grace: grace))
    }
}
