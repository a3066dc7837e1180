import CProcess
import Foundation
import Synchronization

/// A running child process that never outlives the runner, however the runner ends.
///
/// Between the two stands a guard process (`gqlconform guard`), which holds one end of a pipe. The kernel closes the
/// other end when the runner ends, even by SIGKILL; the guard then stops the child and everything that it started.
package final class ChildProcess: Sendable {
    private struct State {
        var exit: ChildExit?
        var waiters: [CheckedContinuation<ChildExit, Never>] = []
        /// The runner's end of the pipe that keeps the guard waiting; -1 once it is closed.
        var lifeline: Int32
    }

    private let state: Mutex<State>

    /// The process id of the child itself, not of its guard.
    package let processID: Int32
    /// What the child writes to its standard output and standard error.
    package let log: LogCapture

    private init(processID: Int32, log: LogCapture, lifeline: Int32) {
        self.processID = processID
        self.log = log
        self.state = Mutex(State(lifeline: lifeline))
    }

    deinit {
        self.closeLifeline()
    }

    /// How the child ended; `nil` while it runs.
    package var exit: ChildExit? { self.state.withLock { $0.exit } }

    /// Starts the command under a guard.
    ///
    /// - Parameter guardExecutable: The path of `gqlconform`.
    package static func start(
        _ command: ChildCommand, log: LogCapture, guardExecutable: String
    ) async throws(HarnessError) -> ChildProcess {
        let launch = try GuardLaunch(command, executable: guardExecutable)
        let reader = Reader(launch)
        // The output is drained even if nobody asks: a full pipe would stop the child.
        Thread.detachNewThread { reader.drainOutput(into: log) }
        let first = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: reader.nextReport()) }
        }
        guard case .started(let processID) = first else {
            _ = close(launch.lifeline)
            Thread.detachNewThread { reader.finish() }
            let program = command.arguments.first ?? ""
            guard case .failed(let number) = first else {
                throw HarnessError("The guard process of \(program) did not start (\(guardExecutable)).")
            }
            throw HarnessError("\(program) cannot be started: \(String(cString: strerror(number))).")
        }
        let child = ChildProcess(processID: processID, log: log, lifeline: launch.lifeline)
        // The thread holds the child weakly, so that a forgotten child is stopped by its `deinit`.
        Thread.detachNewThread { [weak child] in
            let last = reader.nextReport()
            reader.finish()
            child?.ended(last)
        }
        return child
    }

    /// Waits until the child has ended and everything that it started is gone.
    package func waitForExit() async -> ChildExit {
        await withCheckedContinuation { continuation in
            let exit = self.state.withLock { state -> ChildExit? in
                if state.exit == nil { state.waiters.append(continuation) }
                return state.exit
            }
            if let exit { continuation.resume(returning: exit) }
        }
    }

    /// Sends SIGTERM, after the grace of the command SIGKILL, and returns when the child is gone.
    @discardableResult
    package func stop() async -> ChildExit {
        self.closeLifeline()
        return await self.waitForExit()
    }

    /// Sends a signal to the process group of the child; without effect once it has ended.
    package func signal(_ number: Int32) {
        // The guard sends it, because only its parent knows for certain that a process id is still the child's.
        self.state.withLock { state in
            guard state.lifeline >= 0 else { return }
            var byte = UInt8(truncatingIfNeeded: number)
            _ = write(state.lifeline, &byte, 1)
        }
    }

    private func closeLifeline() {
        self.state.withLock { state in
            if state.lifeline >= 0 { _ = close(state.lifeline) }
            state.lifeline = -1
        }
    }

    private func ended(_ report: GuardReport?) {
        self.closeLifeline()
        let exit: ChildExit
        switch report {
        case .exited(let code): exit = .code(code)
        case .signalled(let number): exit = .signal(number)
        default: exit = .guardLost
        }
        let waiters = self.state.withLock { state in
            state.exit = exit
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: exit) }
    }

    /// The blocking reads from one guard. Each descriptor is used by one thread at a time: the output by one, the
    /// reports first by the thread of the first report and, after that has ended, by the thread of the last.
    private final class Reader: Sendable {
        private let guardID: Int32
        private let output: Int32
        private let reports: Int32

        init(_ launch: GuardLaunch) {
            self.guardID = launch.guardID
            self.output = launch.output
            self.reports = launch.reports
        }

        func drainOutput(into log: LogCapture) {
            var buffer = [UInt8](repeating: 0, count: 32 << 10)
            while true {
                let count = read(self.output, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                log.append(buffer[..<count])
            }
            _ = close(self.output)
            log.finish()
        }

        /// `nil` at the end of the reports.
        func nextReport() -> GuardReport? {
            var line: [UInt8] = []
            var byte: UInt8 = 0
            while true {
                let count = read(self.reports, &byte, 1)
                if count < 0, errno == EINTR { continue }
                guard count == 1 else { return nil }
                if byte == UInt8(ascii: "\n") { return GuardReport(String(decoding: line, as: UTF8.self)) }
                line.append(byte)
            }
        }

        func finish() {
            _ = close(self.reports)
            var status: Int32 = 0
            while waitpid(self.guardID, &status, 0) < 0, errno == EINTR {}
        }
    }
}
