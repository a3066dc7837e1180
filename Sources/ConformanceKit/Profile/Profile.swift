/// Everything that a server may decide for itself, as its author wrote it down in one file.
package struct Profile: Sendable {
    /// The path that the profile was read from.
    package var file: String
    /// SHA-256 of the file in lower-case hexadecimal, so that a report tells which profile it was made with.
    package var digest: String
    /// The name of the server.
    package var name: String
    /// Its exact version.
    package var version: String
    /// How the server comes to run.
    package var start: Start
    /// The URL of each transport, templates not yet filled in.
    package var endpoints: [Endpoint]
    /// The subscription that the suite may use.
    package var stream: Target.StreamTemplate?
    /// How an event is made to happen, as far as the player does it; `declared.emit` says all.
    package var emit: Target.EmitTemplate?
    /// How long things may take.
    package var timing: Target.Timing
    /// How many cases are played at a time unless the command line says otherwise; `nil` for the runner's own choice.
    package var jobs: Int?
    /// Declared features; missing ones are unknown and probed.
    package var features: [String: Bool]
    /// What else the profile promises.
    package var declared: Declared
    /// The file with the failures that are known; as written, relative to the folder of the profile.
    package var expectations: String?
    /// A Redis that already runs, as `redis://user:password@host:port/database`; `nil` if the run starts its own, should it need one.
    package var redisURL: String?
    /// The whole profile as JSON, with the defaults of `timing` filled in. `limits.x` is the value of a limit, whether it
    /// is written as a number or as a mapping with `value`; the mapping itself is `exceed.x`.
    package var value: JSON
    /// What the profile says and this version does not act on; to be shown before a run.
    package var notices: [ScenarioError]
    /// The same server set up otherwise: cases that need what this set-up lacks and one of these has are played there.
    package var variants: [Profile] = []

    /// Where a transport is served.
    package struct Endpoint: Sendable, Equatable {
        /// `transport-ws`, `legacy-ws`, `sse` or `http`.
        package var transport: String
        /// A URL; `{{port}}` stands for the port that the run chose.
        package var url: String
        /// How an `sse` endpoint is used; `distinct` for every other.
        package var mode = Mode.distinct
        /// The place of the URL in the file.
        package var line: Int

        /// How operations share connections (GraphQL over SSE).
        package enum Mode: String, Sendable, CaseIterable {
            /// One connection for each operation.
            case distinct
            /// One connection for all.
            case single
            /// Either, as the client wishes.
            case both
        }
    }

    /// How the server comes to run.
    package enum Start: Sendable, Equatable {
        /// Somebody else started it.
        case external
        /// The run starts and stops it.
        case command(Command)
        /// The run starts and stops the services of a compose file.
        case compose(Compose)
        /// Somebody else started these containers.
        case containers(Containers)
    }

    /// Containers that run already, by name or id.
    package struct Containers: Sendable, Equatable {
        /// That of the server.
        package var server: String
        /// That of its Redis; `nil` if it has none, or none that may be harmed.
        package var redis: String?
        /// An image with a shell, `nft` and `ss`, by which packets are harmed; `nil` if they are not.
        package var tools: String?
    }

    /// A server that consists of the services of a compose file.
    package struct Compose: Sendable, Equatable {
        /// The path of the compose file, relative to the folder of the profile.
        package var file: String
        /// The service that is judged.
        package var service: String
        /// The port that the service listens on inside its container.
        package var port: Int
        /// The service that runs Redis; `nil` if there is none.
        package var redis: String?
        /// An image with a shell, `nft` and `ss`, by which packets are harmed; `nil` if they are not.
        package var tools: String?
        /// When the server counts as ready.
        package var ready: Readiness
        /// The longest time until then.
        package var within: Duration
    }

    /// A server that is started by a command. `{{port}}`, `{{redis.url}}`, `{{auth.secret}}`, `{{bin}}` (the directory
    /// of `gqlconform`) and, in `mutantArguments`, `{{mutant}}` are filled in; `{{folder}}` (of the profile) already is.
    package struct Command: Sendable, Equatable {
        /// The program and its arguments; not empty.
        package var arguments: [String]
        /// Added to the environment of the runner.
        package var environment: [String: String]
        /// The working directory; `nil` keeps that of the runner.
        package var directory: String?
        /// When the server counts as ready.
        package var ready: Readiness
        /// The longest time until then.
        package var within: Duration
        /// The time between SIGTERM and SIGKILL at the end.
        package var grace: Duration
        /// What is added to the arguments to get a server with one known fault; empty if there is none.
        package var mutantArguments: [String]
        /// The command that lists the known faults, one a line: name, tab, a sentence, tab, a source.
        package var mutantList: [String]
        /// How many servers of the kind may be started side by side on one Redis; at least 1.
        package var replicas: Int
    }

    /// When a server that was started counts as ready.
    package enum Readiness: Sendable, Equatable {
        /// A GET of the path (or the URL) is answered with the status.
        case http(String, status: Int)
        /// A line of its output holds this text.
        case line(String)
        /// The port of the first endpoint accepts connections.
        case port
    }

    /// Whether the server needs a Redis that the run has to start.
    package var needsOwnRedis: Bool {
        guard self.redisURL == nil, case .command(let command) = self.start else { return false }
        let texts = command.arguments + Array(command.environment.values)
        return texts.contains { Placeholders.names(in: $0).contains { $0.hasPrefix("redis.") } }
    }
}
