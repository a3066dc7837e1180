import CProcess
import Foundation

/// A guard process that has just been started, and the runner's ends of its pipes.
struct GuardLaunch: Sendable {
    /// The process id of the guard.
    let guardID: Int32
    /// Write a signal number to it, or close it to have the child stopped.
    let lifeline: Int32
    /// What the child writes.
    let output: Int32
    /// The lines of `GuardReport`.
    let reports: Int32

    /// Starts the guard in a session of its own, so that an interrupt typed at the terminal reaches only the runner.
    init(_ command: ChildCommand, executable: String) throws(HarnessError) {
        let lifeline = try Pipe()
        let output = try Pipe()
        let reports = try Pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawn_file_actions_adddup2(&actions, lifeline.readEnd, 0)
        posix_spawn_file_actions_adddup2(&actions, output.writeEnd, 1)
        posix_spawn_file_actions_adddup2(&actions, output.writeEnd, 2)
        posix_spawn_file_actions_adddup2(&actions, reports.writeEnd, Guard.reportDescriptor)
        // Nothing else is inherited: a socket that a child holds open neither stops listening nor ends when we close it.
        _ = gqc_close_from(&actions, Guard.reportDescriptor + 1)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        posix_spawnattr_setflags(&attributes, gqc_spawn_set_session)
        let arguments = [executable] + Guard.arguments(for: command)
        let environment = command.environment.map { "\($0.key)=\($0.value)" }
        var processID: pid_t = 0
        let code = withCStrings(arguments) { arguments in
            withCStrings(environment) { environment in
                posix_spawn(&processID, executable, &actions, &attributes, arguments, environment)
            }
        }
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
        for end in [lifeline.readEnd, output.writeEnd, reports.writeEnd] { _ = close(end) }
        guard code == 0 else {
            for end in [lifeline.writeEnd, output.readEnd, reports.readEnd] { _ = close(end) }
            throw HarnessError("\(executable) cannot be started as a guard: \(String(cString: strerror(code))).")
        }
        self.guardID = processID
        self.lifeline = lifeline.writeEnd
        self.output = output.readEnd
        self.reports = reports.readEnd
    }

    /// No other child may inherit these ends: a copy of the lifeline would keep a guard waiting.
    private struct Pipe {
        let readEnd: Int32
        let writeEnd: Int32

        init() throws(HarnessError) {
            var ends: [Int32] = [-1, -1]
            guard gqc_pipe(&ends) == 0 else {
                throw HarnessError("No more file descriptors: \(String(cString: strerror(errno))).")
            }
            // Kept above those that the guard is given, so that no end is overwritten before it is copied.
            self.readEnd = Self.above(ends[0])
            self.writeEnd = Self.above(ends[1])
        }

        private static func above(_ descriptor: Int32) -> Int32 {
            guard descriptor <= Guard.reportDescriptor else { return descriptor }
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, Guard.reportDescriptor + 1)
            guard copy >= 0 else { return descriptor }
            _ = close(descriptor)
            return copy
        }
    }
}

/// Calls `body` with the null-terminated array of C strings that `exec` takes.
func withCStrings<Result>(
    _ strings: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
        // An array that holds at least the terminator has an address.
        guard let base = buffer.baseAddress else { preconditionFailure("an array without storage") }
        return body(base)
    }
}
