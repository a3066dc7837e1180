import ArgumentParser
import ConformanceKit

/// The command-line tool.
struct Gqlconform: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gqlconform",
        abstract: "Judges a GraphQL real-time server by what it does on the wire.",
        version: ToolVersion.text,
        subcommands: [
            RunCommand.self, RecheckCommand.self, ReplayCommand.self, DiffCommand.self, MergeCommand.self,
            CompareCommand.self, ListCommand.self, ExplainCommand.self, LintCommand.self, CoverageCommand.self,
            DoctorCommand.self, InitCommand.self, LabCommand.self, ExpectCommand.self, SchemaCommand.self,
            MutantsCommand.self,
            WatchCommand.self, NullServersCommand.self, NullServerCommand.self, GuardCommand.self,
        ])
}
