import Synchronization

/// Shows a run while it goes on: a line that is drawn again and again on a terminal, plain lines elsewhere.
package final class RunProgress: Sendable {
    /// How the run is shown.
    package struct Options: Sendable {
        /// Whether a status line may be drawn and erased.
        package var isTerminal: Bool
        /// Whether colours are used.
        package var colours: Bool
        /// Whether failures are also written as annotations for GitHub Actions.
        package var annotations: Bool
        /// Whether merely acceptable outcomes count as failures.
        package var strict: Bool

        /// Options for an environment: colours only on a terminal and without `NO_COLOR`, annotations with
        /// `GITHUB_ACTIONS=true`.
        package init(isTerminal: Bool, environment: [String: String], noColour: Bool = false, strict: Bool = false) {
            self.isTerminal = isTerminal && environment["TERM"] != "dumb"
            let refused = noColour || !(environment["NO_COLOR"] ?? "").isEmpty
            self.colours = self.isTerminal && !refused
            self.annotations = environment["GITHUB_ACTIONS"] == "true"
            self.strict = strict
        }
    }

    private struct State {
        var total = 0
        var done = 0
        var failed = 0
        var running: [String] = []
        var statusShown = false
        var started = ContinuousClock.now
        var slowest = Duration.zero
    }

    private let options: Options
    private let failure: FailureText
    private let write: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// - Parameter write: Receives text with its line ends; called under a lock.
    package init(options: Options, reproduction: Reproduction, write: @escaping @Sendable (String) -> Void) {
        self.options = options
        self.failure = FailureText(style: TextStyle(colours: options.colours), reproduction: reproduction)
        self.write = write
    }

    /// A run of so many plays begins.
    package func begin(total: Int) {
        self.state.withLock { state in
            state = State()
            state.total = total
        }
    }

    /// Shows an event of the run.
    package func observe(_ event: RunEngine.Event) {
        self.state.withLock { state in
            self.eraseStatus(&state)
            switch event {
            case .started(let expanded):
                state.running.append(expanded.name)
            case .finished(let expanded, let result, let history):
                if let index = state.running.firstIndex(of: expanded.name) { state.running.remove(at: index) }
                state.done += 1
                self.show(expanded, result, history, &state)
            case .lost(let error):
                self.write("\n\(TextStyle(colours: self.options.colours).red("The run ends:")) \(error.description)\n")
            }
            self.drawStatus(&state)
        }
    }

    /// Shows a line between the others.
    package func note(_ line: String) {
        self.state.withLock { state in
            self.eraseStatus(&state)
            self.write(line + "\n")
            self.drawStatus(&state)
        }
    }

    /// Removes the status line for good.
    package func end() {
        self.state.withLock { state in
            self.eraseStatus(&state)
            state.total = 0
        }
    }

    private func show(_ expanded: ExpandedCase, _ result: CaseResult, _ history: History, _ state: inout State) {
        let standing = CaseOutcome(expanded, results: [result]).standing(strict: self.options.strict)
        if standing == .failed {
            state.failed += 1
            self.write("\n" + self.failure.lines(expanded, result, history).joined(separator: "\n") + "\n\n")
            if self.options.annotations { self.write(GitHubAnnotation.line(expanded, result) + "\n") }
        } else if !self.options.isTerminal {
            let seconds = Self.tenths(Double(result.duration) / 1e9)
            self.write("\(result.verdict.rawValue) \(expanded.name) (\(seconds) s, \(state.done)/\(state.total))\n")
        }
    }

    private func eraseStatus(_ state: inout State) {
        if state.statusShown { self.write("\r\u{1B}[K") }
        state.statusShown = false
    }

    private func drawStatus(_ state: inout State) {
        guard self.options.isTerminal, state.total > 0 else { return }
        let elapsed = state.started.duration(to: .now).inSeconds
        var parts = ["\(state.done)/\(state.total)"]
        if state.failed > 0 { parts.append("\(state.failed) failed") }
        if state.done > 0, state.done < state.total {
            let rest = elapsed / Double(state.done) * Double(state.total - state.done)
            parts.append("about \(Int(rest.rounded(.up))) s left")
        }
        if let oldest = state.running.first {
            parts.append(state.running.count > 1 ? "\(oldest) and \(state.running.count - 1) more" : oldest)
        }
        // Cut to a width that fits nearly every terminal, for a wrapped line could not be erased.
        self.write(String(parts.joined(separator: "  ").prefix(79)))
        state.statusShown = true
    }

    private static func tenths(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
