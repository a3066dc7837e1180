import ArgumentParser

/// What the program can do beside serving; each has a name that comes first on the command line.
enum Subcommands {
    static let all: [any AsyncParsableCommand.Type] = [
        PublishCommand.self,
        TokenCommand.self,
        RevokeCommand.self,
    ]

    /// The command that the first argument names; nil when the server itself is meant.
    ///
    /// - Throws: `Settings.UsageError` for arguments that the command does not take. For `--help` it prints and exits.
    static func command(_ arguments: [String]) throws -> (any AsyncParsableCommand)? {
        guard let name = arguments.first, let type = self.all.first(where: { $0.configuration.commandName == name })
        else { return nil }
        return try self.parse(type, Array(arguments.dropFirst()))
    }

    private static func parse<Command: AsyncParsableCommand>(
        _ type: Command.Type, _ arguments: [String]
    ) throws -> any AsyncParsableCommand {
        do {
            return try Command.parse(arguments)
        } catch {
            guard Command.exitCode(for: error) == .validationFailure else { Command.exit(withError: error) }
            throw Settings.UsageError(
                description: Command.message(for: error).split(separator: "\n").joined(separator: " "))
        }
    }
}
