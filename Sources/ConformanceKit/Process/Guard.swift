import CProcess
import Foundation

/// The program of a guard process: it starts one command and sees to it that nothing of it remains.
///
/// Standard input is the lifeline. A byte on it is the number of a signal for the process group of the child; its end,
/// like SIGTERM, SIGINT or SIGHUP to the guard, has the child stopped. Should the guard itself be killed, the kernel
/// kills the child.
package enum Guard {
    /// The descriptor that the guard writes its reports to.
    static let reportDescriptor: Int32 = 3
    /// How long the guard waits for killed processes to disappear.
    private static let reapLimit = Duration.seconds(2)

    /// The arguments that make `gqlconform` the guard of the command.
    static func arguments(for command: ChildCommand) -> [String] {
        ["guard", "--grace-ms", String(command.grace.wholeMilliseconds)]
            + (command.directory.map { ["--directory", $0] } ?? [])
            + ["--"] + command.arguments
    }

    /// Runs until the child and its descendants have ended.
    ///
    /// - Returns: The exit code of the child, 128 and the signal number if it was ended by a signal, 127 if it could
    ///   not be started.
    package static func run(command: [String], directory: String?, grace: Duration) -> Int32 {
        _ = fcntl(self.reportDescriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK)
        // Nobody may be left to read the reports.
        _ = Foundation.signal(SIGPIPE, SIG_IGN)
        _ = gqc_become_subreaper()
        let signals = gqc_signal_descriptor()
        var failure: Int32 = 0
        let child = withCStrings(command) { arguments in
            gqc_spawn_bound(arguments, environ, directory, STDOUT_FILENO, &failure)
        }
        guard child > 0 else {
            self.report(.failed(failure))
            return 127
        }
        self.report(.started(child))
        var watch = Watch(child: child, grace: grace, signals: signals)
        let status = watch.untilExit()
        self.endDescendants(of: child)
        if gqc_exited(status) != 0 {
            let code = gqc_exit_code(status)
            self.report(.exited(code))
            return code
        }
        let number = gqc_term_signal(status)
        self.report(.signalled(number))
        return 128 + number
    }

    private static func report(_ report: GuardReport) {
        let bytes = Array(report.line.utf8)
        _ = write(self.reportDescriptor, bytes, bytes.count)
    }

    /// Kills the process group, then whatever else became a child of the guard when its parent ended.
    private static func endDescendants(of child: pid_t) {
        kill(-child, SIGKILL)
        let deadline = ContinuousClock.now + self.reapLimit
        while ContinuousClock.now < deadline {
            for orphan in self.children() { kill(orphan, SIGKILL) }
            var status: Int32 = 0
            let reaped = waitpid(-1, &status, WNOHANG)
            if reaped < 0, errno == ECHILD { return }
            if reaped == 0 { usleep(5000) }
        }
    }

    private static func children() -> [pid_t] {
        let path = "/proc/self/task/\(getpid())/children"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        return text.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
    }

    /// Waits for what happens first: the end of the child, the end of the lifeline, or a deadline.
    private struct Watch {
        let child: pid_t
        let grace: Duration
        let signals: Int32
        var killAt: ContinuousClock.Instant?
        var lifelineOpen = true

        init(child: pid_t, grace: Duration, signals: Int32) {
            self.child = child
            self.grace = grace
            self.signals = signals
        }

        mutating func untilExit() -> Int32 {
            while true {
                if let status = self.reap() { return status }
                self.poll()
            }
        }

        private mutating func poll() {
            var entries = [
                pollfd(fd: self.signals, events: Int16(POLLIN), revents: 0),
                // A negative descriptor is skipped: at its end the lifeline would be readable for ever.
                pollfd(fd: self.lifelineOpen ? STDIN_FILENO : -1, events: Int16(POLLIN), revents: 0),
            ]
            var timeout: Int32 = -1
            if let killAt = self.killAt {
                timeout = Int32(max(0, min(60_000, ContinuousClock.now.duration(to: killAt).wholeMilliseconds + 1)))
            }
            _ = Foundation.poll(&entries, UInt(entries.count), timeout)
            if let killAt = self.killAt, ContinuousClock.now >= killAt {
                kill(-self.child, SIGKILL)
                self.killAt = nil
            }
            if entries[0].revents != 0 { self.takeSignals() }
            if entries[1].revents != 0 { self.takeLifeline() }
        }

        private mutating func takeSignals() {
            while true {
                let number = gqc_next_signal(self.signals)
                guard number != 0 else { return }
                if number != SIGCHLD { self.stop() }
            }
        }

        private mutating func takeLifeline() {
            var byte: UInt8 = 0
            let count = read(STDIN_FILENO, &byte, 1)
            if count == 1 {
                kill(-self.child, Int32(byte))
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                self.lifelineOpen = false
                self.stop()
            }
        }

        private mutating func stop() {
            guard self.killAt == nil else { return }
            self.killAt = .now + self.grace
            kill(-self.child, SIGTERM)
            // A stopped process acts on SIGTERM only when it goes on.
            kill(-self.child, SIGCONT)
        }

        private func reap() -> Int32? {
            var status: Int32 = 0
            while true {
                let reaped = waitpid(-1, &status, WNOHANG)
                if reaped == self.child { return status }
                if reaped <= 0 { return nil }
            }
        }
    }
}
