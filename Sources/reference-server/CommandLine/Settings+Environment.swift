import ArgumentParser

extension Settings {
    /// A usage error as one sentence.
    struct UsageError: Error, CustomStringConvertible {
        let description: String
    }

    private static let options =
        [
            "host", "port", "bus", "redis-url", "channel-prefix", "channel-layout", "default-tenant", "init-timeout",
            "keepalive-interval", "handshake-timeout", "max-message-bytes", "shutdown-deadline", "log-format",
            "log-level", "mutant",
        ] + AuthOptions.names + LimitOptions.names + BackPressureOptions.names + OperatorOptions.names
        + RedisOptions.names + DemoOptions.names + TLSOptions.names
    private static let flags = ["test-mode"] + BackPressureOptions.flags + DemoOptions.flags

    /// Reads the file that `--config` names, then the environment, then the arguments, which have the last word.
    ///
    /// - Throws: `UsageError`, or what ArgumentParser throws for `--help`.
    static func read(_ arguments: [String], environment: [String: String]) throws -> Settings {
        var all: [String] = []
        for name in self.options + self.flags {
            let variable = "REFERENCE_SERVER_" + name.uppercased().map { $0 == "-" ? "_" : $0 }
            guard let value = environment[variable], !value.isEmpty else { continue }
            guard let argument = try self.argument(name, value, variable) else { continue }
            // Alone first, so that the message can say that the environment is at fault.
            do {
                _ = try self.parse([argument])
            } catch {
                throw UsageError(description: "\(variable): \(self.sentence(for: error))")
            }
            all.append(argument)
        }
        do {
            let settings = try self.parse(all + arguments)
            guard let file = settings.operators.config else { return settings }
            return try self.parse(self.arguments(in: file) + all + arguments)
        } catch  where self.exitCode(for: error) == .validationFailure {
            throw UsageError(description: self.sentence(for: error))
        }
    }

    private static func arguments(in file: String) throws -> [String] {
        try ConfigFile.read(file, names: LimitOptions.reloadable).map { entry in
            let argument = "--\(entry.name)=\(entry.value)"
            do {
                _ = try self.parse([argument])
            } catch {
                throw UsageError(description: "\(file):\(entry.line): \(self.sentence(for: error))")
            }
            return argument
        }
    }

    private static func argument(_ name: String, _ value: String, _ variable: String) throws -> String? {
        guard self.flags.contains(name) else { return "--\(name)=\(value)" }
        switch value.lowercased() {
        case "1", "true", "yes": return "--\(name)"
        case "0", "false", "no": return nil
        default: throw UsageError(description: "\(variable): expected true or false, not '\(value)'")
        }
    }

    /// The message on one line.
    private static func sentence(for error: any Error) -> String {
        self.message(for: error).split(separator: "\n").joined(separator: " ")
    }
}
