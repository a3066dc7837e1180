import ArgumentParser

/// The command-line tool.
struct Gqlconform: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gqlconform",
        abstract: "Judges a GraphQL real-time server by what it does on the wire.",
        subcommands: [GuardCommand.self])
}
