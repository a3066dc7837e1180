/// What to start as a child process.
package struct ChildCommand: Sendable, Equatable {
    /// The program, a path or a name to search in `PATH` of `environment`, and its arguments; not empty.
    package var arguments: [String]
    /// The whole environment of the child.
    package var environment: [String: String]
    /// The working directory; `nil` keeps that of the runner.
    package var directory: String?
    /// How long the child may take between SIGTERM and SIGKILL.
    package var grace: Duration

    /// A command.
    package init(
        arguments: [String], environment: [String: String], directory: String? = nil, grace: Duration = .seconds(3)
    ) {
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.grace = grace
    }
}

/// How a child process ended.
package enum ChildExit: Sendable, Equatable, CustomStringConvertible {
    /// It returned this exit code, 0 to 255.
    case code(Int32)
    /// It was ended by this signal.
    case signal(Int32)
    /// Its guard was ended from outside, which ends the child too.
    case guardLost

    package var description: String {
        switch self {
        case .code(let code): "ended with exit code \(code)"
        case .signal(let number): "was ended by signal \(number)"
        case .guardLost: "lost its guard process, which was ended from outside"
        }
    }
}

/// The harness or its environment is not as it has to be: the run ends with exit code 3.
package struct HarnessError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence that says what is wrong and what to do.
    package var message: String
    /// The last lines that the process in question wrote; empty if there is none.
    package var logTail: [String]

    /// An error with the last lines of a log.
    package init(_ message: String, logTail: [String] = []) {
        self.message = message
        self.logTail = logTail
    }

    package var description: String {
        guard !self.logTail.isEmpty else { return self.message }
        return ([self.message, "Its last output:"] + self.logTail.map { "  | \($0)" }).joined(separator: "\n")
    }
}
