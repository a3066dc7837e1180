import CHiredis
import Foundation
import NIOPosix
import Synchronization

/// A Redis of the run's own: on a free port, without persistence, in a temporary directory.
package final class RedisProcess: Sendable {
    /// The port on 127.0.0.1.
    package let port: Int
    private let directory: String
    private let launch: Launch
    private let state: Mutex<State>

    private struct State {
        var process: ChildProcess
        /// Ended on purpose, until it is started again.
        var isDown = false
        var starts = 1
    }

    /// What a later start needs.
    private struct Launch: Sendable {
        var arguments: [String]
        var environment: [String: String]
        var logPath: String?
        var guardExecutable: String
    }

    /// The process, running or not.
    package var process: ChildProcess { self.state.withLock { $0.process } }

    /// Whether it was ended on purpose, so that its end is no surprise.
    package var isDown: Bool { self.state.withLock { $0.isDown } }

    /// The URL of database 0.
    package var url: String { "redis://127.0.0.1:\(self.port)/0" }

    private init(port: Int, process: ChildProcess, directory: String, launch: Launch) {
        self.port = port
        self.state = Mutex(State(process: process))
        self.directory = directory
        self.launch = launch
    }

    /// Starts `redis-server` and waits until it answers.
    ///
    /// - Parameters:
    ///   - environment: Where `PATH` and `TMPDIR` are taken from.
    ///   - logPath: The file that its output goes to; `nil` keeps the last lines only.
    ///   - limit: How long it may take to answer.
    package static func start(
        environment: [String: String], logPath: String?, guardExecutable: String, limit: Duration = .seconds(10)
    ) async throws(HarnessError) -> RedisProcess {
        guard let program = ExecutableSearch.find("redis-server", searchPath: environment["PATH"] ?? "") else {
            throw HarnessError(
                "redis-server is not in PATH: install it (Debian, Ubuntu: apt-get install redis-server) and run again.")
        }
        let directory = try TemporaryDirectory.make(prefix: "gqlconform-redis-", environment: environment)
        let log = LogCapture(path: logPath)
        for _ in 0..<5 {
            guard let port = FreePort.choose() else { break }
            let arguments = [
                program, "--port", String(port), "--bind", "127.0.0.1", "--dir", directory, "--save", "",
                "--appendonly", "no", "--daemonize", "no",
            ]
            let process = try await ChildProcess.start(
                ChildCommand(arguments: arguments, environment: environment, grace: .seconds(1)), log: log,
                guardExecutable: guardExecutable)
            if await self.answers(process, port: port, within: limit) {
                return RedisProcess(
                    port: port, process: process, directory: directory,
                    launch: Launch(
                        arguments: arguments, environment: environment, logPath: logPath,
                        guardExecutable: guardExecutable))
            }
            let running = process.exit == nil
            await process.stop()
            guard !running else {
                TemporaryDirectory.remove(directory)
                throw HarnessError(
                    "redis-server did not answer within \(limit.inSeconds) s.", logTail: log.tail())
            }
        }
        TemporaryDirectory.remove(directory)
        throw HarnessError("redis-server ended before it answered.", logTail: log.tail())
    }

    /// Ends it by SIGKILL, as a crash would. Says whether it is gone.
    ///
    /// - Parameter keepsData: Writes its data down before, so that a later start finds it.
    package func kill(keepsData: Bool) async -> Bool {
        let port = self.port
        let isSaved = try? await NIOThreadPool.singleton.runIfActive {
            // Without a saved file a start begins empty; one of an earlier time must not come back.
            keepsData ? Self.command(["SAVE"], port: port) == "OK" : true
        }
        guard isSaved == true else { return false }
        let process = self.state.withLock { state in
            state.isDown = true
            return state.process
        }
        process.signal(SIGKILL)
        _ = await process.waitForExit()
        if !keepsData { try? FileManager.default.removeItem(atPath: self.directory + "/dump.rdb") }
        return true
    }

    /// Starts it again on its port. Says whether it answers.
    package func restart() async -> Bool {
        let starts = self.state.withLock { state in
            state.starts += 1
            return state.starts
        }
        let log = LogCapture(path: self.launch.logPath.map { "\($0).\(starts)" })
        let process = try? await ChildProcess.start(
            ChildCommand(
                arguments: self.launch.arguments, environment: self.launch.environment, grace: .seconds(1)), log: log,
            guardExecutable: self.launch.guardExecutable)
        guard let process, await Self.answers(process, port: self.port, within: .seconds(10)) else {
            await process?.stop()
            return false
        }
        self.state.withLock { state in
            state.process = process
            state.isDown = false
        }
        return true
    }

    private static func command(_ words: [String], port: Int) -> String? {
        guard let context = redisConnectWithTimeout("127.0.0.1", Int32(port), timeval(tv_sec: 2, tv_usec: 0)) else {
            return nil
        }
        defer { redisFree(context) }
        return context.pointee.err == 0 ? self.ask(context, words) : nil
    }

    /// Ends it and removes its directory.
    package func stop() async {
        await self.process.stop()
        TemporaryDirectory.remove(self.directory)
    }

    private static func answers(_ process: ChildProcess, port: Int, within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline, process.exit == nil {
            let processID = try? await NIOThreadPool.singleton.runIfActive { self.processID(ofRedisAt: port) }
            // Another Redis may have taken the port in the meantime.
            if processID == process.processID { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    /// Asks the server for its own process id, so that a stranger on the port is not taken for ours.
    private static func processID(ofRedisAt port: Int) -> Int32? {
        let limit = timeval(tv_sec: 0, tv_usec: 500_000)
        guard let context = redisConnectWithTimeout("127.0.0.1", Int32(port), limit) else { return nil }
        defer { redisFree(context) }
        guard context.pointee.err == 0, redisSetTimeout(context, limit) == REDIS_OK,
            self.ask(context, ["PING"]) == "PONG", let facts = self.ask(context, ["INFO", "server"])
        else { return nil }
        let line = facts.split(whereSeparator: \.isNewline).first { $0.hasPrefix("process_id:") }
        return line.flatMap { Int32($0.dropFirst("process_id:".count)) }
    }

    private static func ask(_ context: UnsafeMutablePointer<redisContext>, _ words: [String]) -> String? {
        let raw = withCStrings(words) { pointers in
            pointers.withMemoryRebound(to: UnsafePointer<CChar>?.self, capacity: words.count) {
                redisCommandArgv(context, Int32(words.count), $0, nil)
            }
        }
        guard let raw else { return nil }
        defer { freeReplyObject(raw) }
        let reply = raw.assumingMemoryBound(to: redisReply.self).pointee
        guard reply.type == REDIS_REPLY_STRING || reply.type == REDIS_REPLY_STATUS, let bytes = reply.str else {
            return nil
        }
        return String(decoding: UnsafeRawBufferPointer(start: bytes, count: reply.len), as: UTF8.self)
    }
}
