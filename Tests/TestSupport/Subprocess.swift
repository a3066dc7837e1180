import Foundation
import Synchronization

/// A child process of a test, waited for without holding a thread of the test's pool.
///
/// Foundation's `Process` waits on the calling thread, and until every process that inherited one of its sockets has
/// ended; with a few such waits the tests that would end those processes no longer run. Here a thread of its own waits,
/// and the child inherits nothing but its three standard streams.
package final class Subprocess: Sendable {
    /// The process id.
    package let processID: Int32
    /// The files that the two outputs go to; they are removed by nobody.
    package let outputPath: String
    package let errorPath: String
    private let state = Mutex<(status: Int32?, waiters: [CheckedContinuation<Int32, Never>])>((nil, []))

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - environment: The whole environment.
    ///   - outputDirectory: Where the outputs are written to.
    package init(
        _ path: String, _ arguments: [String], environment: [String: String], directory: String? = nil,
        outputDirectory: String
    ) throws {
        let number = UInt64.random(in: 0 ... .max)
        self.outputPath = "\(outputDirectory)/out-\(number)"
        self.errorPath = "\(outputDirectory)/err-\(number)"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, self.outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, self.errorPath, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        for descriptor in Self.openDescriptors() { posix_spawn_file_actions_addclose(&actions, descriptor) }
        // env changes the directory and becomes the program.
        let words = (directory.map { ["/usr/bin/env", "-C", $0] } ?? []) + [path] + arguments
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in arguments + variables { free(pointer) } }
        var processID: pid_t = 0
        let code = posix_spawn(&processID, words[0], &actions, nil, &arguments, &variables)
        guard code == 0 else { throw NeverHappened(description: "\(path): \(String(cString: strerror(code)))") }
        self.processID = processID
        Thread.detachNewThread { self.reap() }
    }

    /// Sends a signal; without effect once the process has ended.
    package func signal(_ number: Int32) {
        self.state.withLock { state in
            if state.status == nil { _ = kill(self.processID, number) }
        }
    }

    /// Whether it has not ended.
    package var isRunning: Bool { self.state.withLock { $0.status == nil } }

    /// What it wrote to its standard output so far.
    package var output: String { (try? String(contentsOfFile: self.outputPath, encoding: .utf8)) ?? "" }

    /// What it wrote to its standard error so far.
    package var errors: String { (try? String(contentsOfFile: self.errorPath, encoding: .utf8)) ?? "" }

    /// Waits for its end; the exit code, or 128 and the number of the signal that ended it.
    package func waitForExit() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status = self.state.withLock { state in
                if state.status == nil { state.waiters.append(continuation) }
                return state.status
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    private func reap() {
        // Left unreaped until the lock is held, so that no signal can meet another process with the same id.
        var facts = siginfo_t()
        while waitid(P_PID, id_t(self.processID), &facts, WEXITED | WNOWAIT) < 0, errno == EINTR {}
        let (status, waiters) = self.state.withLock { state in
            var raw: Int32 = 0
            while waitpid(self.processID, &raw, 0) < 0, errno == EINTR {}
            let status = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
            state.status = status
            defer { state.waiters = [] }
            return (status, state.waiters)
        }
        for waiter in waiters { waiter.resume(returning: status) }
    }

    private static func openDescriptors() -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }.filter { $0 > 2 }
    }
}
