import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// A server under test that the run started.
package final class ServerProcess: Sendable {
    /// The port that the server was told to listen on, the same after every start.
    package let port: Int
    private let command: Profile.Command
    private let name: String
    private let facts: Facts
    private let state: Mutex<State>

    private struct State {
        var process: ChildProcess
        /// Ended on purpose, until it is started again.
        var isDown = false
        var starts = 1
    }

    /// The process, running or not.
    package var process: ChildProcess { self.state.withLock { $0.process } }

    /// Whether it was ended on purpose, so that its end is no surprise.
    package var isDown: Bool { self.state.withLock { $0.isDown } }

    private init(port: Int, process: ChildProcess, command: Profile.Command, name: String, facts: Facts) {
        self.port = port
        self.command = command
        self.name = name
        self.facts = facts
        self.state = Mutex(State(process: process))
    }

    /// What the placeholders of a start command stand for, apart from the port.
    package struct Facts: Sendable {
        /// The environment of the runner, which the server inherits.
        package var environment: [String: String]
        /// The Redis of the run; `nil` if there is none.
        package var redis: Target.RedisAddress?
        /// A secret of this run for signing tokens.
        package var secret: String
        /// The path of `gqlconform`.
        package var gqlconform: String
        /// The known fault that the server is to have; `nil` for none.
        package var mutant: String?
        /// The file that the server's output goes to; `nil` keeps the last lines only.
        package var logPath: String?
        /// Told what is waited for while the server starts.
        package var note: @Sendable (String) -> Void = { _ in }

        /// Facts of a run.
        package init(
            environment: [String: String], redis: Target.RedisAddress?, secret: String, gqlconform: String,
            mutant: String? = nil, logPath: String? = nil
        ) {
            self.environment = environment
            self.redis = redis
            self.secret = secret
            self.gqlconform = gqlconform
            self.mutant = mutant
            self.logPath = logPath
        }

        /// The values of the placeholders of a profile's `start` and URLs.
        package func placeholders(port: Int?) -> [String: String] {
            var values = ["auth.secret": self.secret, "bin": (self.gqlconform as NSString).deletingLastPathComponent]
            values["port"] = port.map { String($0) }
            values["mutant"] = self.mutant
            if let redis = self.redis {
                values["redis.url"] = redis.url
                values["redis.host"] = redis.host
                values["redis.port"] = String(redis.port)
            }
            return values
        }
    }

    /// Starts the server and waits until it is ready.
    package static func start(
        _ command: Profile.Command, name: String, facts: Facts, http: HTTPClient
    ) async throws(HarnessError) -> ServerProcess {
        if facts.mutant != nil, command.mutantArguments.isEmpty {
            throw HarnessError("The profile has no start.mutants, so \(name) cannot be started with a known fault.")
        }
        let log = LogCapture(path: facts.logPath)
        // Somebody else may take the port between its choice and its use; such a start is tried again.
        for attempt in 1...3 {
            guard let port = FreePort.choose() else { break }
            let process = try await self.spawn(command, facts: facts, port: port, log: log)
            // So long nobody at a terminal wonders; a server that is ready ends the wait by cancelling it.
            let waiting = Task {
                guard (try? await Task.sleep(for: .seconds(2))) != nil else { return }
                facts.note("waiting for \(name) on port \(port): \(self.awaited(command.ready))")
            }
            defer { waiting.cancel() }
            switch await self.readiness(of: process, command, port: port, http: http) {
            case .ready:
                return ServerProcess(port: port, process: process, command: command, name: name, facts: facts)
            case .ended(let exit):
                if attempt < 3, log.tail(40).contains(where: self.saysThatThePortIsTaken) { continue }
                throw HarnessError("\(name) \(exit) before it was ready.", logTail: log.tail())
            case .silent:
                await process.stop()
                throw HarnessError(
                    "\(name) was not ready within \(command.within.inSeconds) s: \(self.missed(command.ready)).",
                    logTail: log.tail())
            }
        }
        throw HarnessError("No free port could be found for \(name).", logTail: log.tail())
    }

    /// Ends the server by SIGKILL, as a crash would. Says whether it is gone.
    package func kill() async -> Bool {
        let process = self.state.withLock { state in
            state.isDown = true
            return state.process
        }
        process.signal(SIGKILL)
        _ = await process.waitForExit()
        return true
    }

    /// Asks the server to end (SIGTERM), and does not wait. Says whether there was one.
    package func askToEnd() -> Bool {
        let process = self.state.withLock { state in
            guard state.process.exit == nil else { return nil as ChildProcess? }
            state.isDown = true
            return state.process
        }
        process?.signal(SIGTERM)
        return process != nil
    }

    /// Starts the server again on its port, once it is gone (after its grace by force), and waits until it is ready. Says whether it is.
    package func restart(http: HTTPClient) async -> Bool {
        let starts = self.state.withLock { state in
            state.starts += 1
            return state.starts
        }
        await self.process.stop()
        let log = LogCapture(path: self.facts.logPath.map { "\($0).\(starts)" })
        let process = try? await Self.spawn(self.command, facts: self.facts, port: self.port, log: log)
        guard let process else { return false }
        guard case .ready = await Self.readiness(of: process, self.command, port: self.port, http: http) else {
            await process.stop()
            return false
        }
        self.state.withLock { state in
            state.process = process
            state.isDown = false
        }
        return true
    }

    /// Ends the server.
    @discardableResult
    package func stop() async -> ChildExit {
        await self.process.stop()
    }

    private static func spawn(
        _ command: Profile.Command, facts: Facts, port: Int, log: LogCapture
    ) async throws(HarnessError) -> ChildProcess {
        let values = facts.placeholders(port: port)
        var words = command.arguments
        if facts.mutant != nil { words += command.mutantArguments }
        let arguments = words.map { Placeholders.fill($0, values) }
        let own = command.environment.mapValues { Placeholders.fill($0, values) }
        let environment = facts.environment.merging(own) { _, new in new }
        guard let program = arguments.first else { throw HarnessError("The start command is empty.") }
        let path = try self.program(program, facts: facts, environment: environment)
        return try await ChildProcess.start(
            ChildCommand(
                arguments: [path] + arguments.dropFirst(), environment: environment, directory: command.directory,
                grace: command.grace),
            log: log, guardExecutable: facts.gqlconform)
    }

    /// The path of a program of the server; says what to do if there is none.
    static func program(
        _ name: String, facts: Facts, environment: [String: String]
    ) throws(HarnessError) -> String {
        guard let path = ExecutableSearch.find(name, searchPath: environment["PATH"] ?? "") else {
            throw HarnessError("The server's program \(name) does not exist: \(self.remedy(name, facts)).")
        }
        return path
    }

    /// A program beside `gqlconform` comes from the same build.
    private static func remedy(_ program: String, _ facts: Facts) -> String {
        let directory = (facts.gqlconform as NSString).deletingLastPathComponent
        let isOurs = (program as NSString).deletingLastPathComponent == directory
        return isOurs ? "run make build" : "look at start.command of the profile"
    }

    private static func saysThatThePortIsTaken(_ line: String) -> Bool {
        let line = line.lowercased()
        return line.contains("address already in use") || line.contains("eaddrinuse")
    }

    private static func awaited(_ ready: Profile.Readiness) -> String {
        switch ready {
        case .http(let path, let status): "GET \(path) has to give \(status)"
        case .line(let text): "it has to print a line with \"\(text)\""
        case .port: "the port has to accept a connection"
        }
    }

    private static func missed(_ ready: Profile.Readiness) -> String {
        switch ready {
        case .http(let path, let status): "GET \(path) never gave \(status)"
        case .line(let text): "it never printed a line with \"\(text)\""
        case .port: "its port never accepted a connection"
        }
    }

    private enum Outcome {
        case ready
        case ended(ChildExit)
        case silent
    }

    private static func readiness(
        of process: ChildProcess, _ command: Profile.Command, port: Int, http: HTTPClient
    ) async -> Outcome {
        let deadline = ContinuousClock.now + command.within
        while ContinuousClock.now < deadline {
            if let exit = process.exit { return .ended(exit) }
            if await self.isReady(process, command.ready, port: port, http: http) { return .ready }
            try? await Task.sleep(for: .milliseconds(20))
            if Task.isCancelled { return .silent }
        }
        return .silent
    }

    private static func isReady(
        _ process: ChildProcess, _ ready: Profile.Readiness, port: Int, http: HTTPClient
    ) async -> Bool {
        switch ready {
        case .http(let path, let status):
            let url =
                path.hasPrefix("/") ? "http://127.0.0.1:\(port)\(path)" : Placeholders.fill(path, ["port": "\(port)"])
            let response = try? await http.send(HTTPRequest(url: url, timeout: .seconds(1)))
            return response?.status == status
        case .line(let text):
            return process.log.firstLine { $0.contains(text) } != nil
        case .port:
            let client = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(.seconds(1))
            guard let channel = try? await client.connect(host: "127.0.0.1", port: port).get() else { return false }
            try? await channel.close()
            return true
        }
    }
}
