import Synchronization

/// Shows a run while it goes on: on a terminal a line with the state and one for each of the cases that run longest, drawn
/// again and again; elsewhere failures, and a plain line every few seconds.
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
        /// Failures that are known are only counted.
        package var known: KnownFailures?

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

    /// The longest run of which every case gets a plain line.
    private static let shortRun = 20
    /// The most lines of running cases on a terminal.
    private static let runningLines = 5

    private struct State {
        var total = 0
        var done = 0
        var failed = 0
        var known = 0
        var running: [(name: String, since: ContinuousClock.Instant)] = []
        /// How many lines of the terminal are to be erased before anything else is written.
        var drawn = 0
        var started: ContinuousClock.Instant
        var lastDrawn: ContinuousClock.Instant?
        var lastLine: ContinuousClock.Instant
        var lastChange: ContinuousClock.Instant
        var saidSilence = false

        init(_ now: ContinuousClock.Instant) {
            self.started = now
            self.lastLine = now
            self.lastChange = now
        }
    }

    private let options: Options
    private let failure: FailureText
    private let write: @Sendable (String) -> Void
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>

    /// - Parameters:
    ///   - now: The clock of the display.
    ///   - write: Receives text with its line ends; called under a lock.
    package init(
        options: Options, reproduction: Reproduction, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        write: @escaping @Sendable (String) -> Void
    ) {
        self.options = options
        self.failure = FailureText(style: TextStyle(colours: options.colours), reproduction: reproduction)
        self.write = write
        self.now = now
        self.state = Mutex(State(now()))
    }

    /// A run of so many plays begins.
    package func begin(total: Int) {
        self.state.withLock { state in
            state = State(self.now())
            state.total = total
        }
    }

    /// Shows an event of the run.
    package func observe(_ event: RunEngine.Event) {
        self.state.withLock { state in
            let now = self.now()
            state.lastChange = now
            state.saidSilence = false
            switch event {
            case .started(let expanded):
                state.running.append((expanded.name, now))
            case .finished(let expanded, let result, let history):
                if let index = state.running.firstIndex(where: { $0.name == expanded.name }) {
                    state.running.remove(at: index)
                }
                state.done += 1
                self.show(expanded, result, history, &state)
            case .lost(let error):
                self.erase(&state)
                self.write("\n\(TextStyle(colours: self.options.colours).red("The run ends:")) \(error.description)\n")
            }
            let isDue = state.lastDrawn.map { $0.duration(to: now) > .milliseconds(100) } ?? true
            if state.drawn == 0 || isDue { self.draw(&state, now) }
        }
    }

    /// Time has passed: draws again, or writes the line that is due. To be called about twice a second.
    package func tick() {
        self.state.withLock { state in
            guard state.total > 0, state.done < state.total else { return }
            let now = self.now()
            if self.options.isTerminal { return self.draw(&state, now) }
            let silence = state.lastChange.duration(to: now)
            if silence >= .seconds(3), !state.saidSilence, !state.running.isEmpty {
                state.saidSilence = true
                let names = state.running.prefix(3).map(\.name).joined(separator: ", ")
                let more = state.running.count > 3 ? " and \(state.running.count - 3) more" : ""
                self.write("running for \(Self.whole(state.running[0].since.duration(to: now))) s: \(names)\(more)\n")
                state.lastLine = now
            } else if state.lastLine.duration(to: now) >= .seconds(5), state.total > Self.shortRun,
                silence < .seconds(5)
            {
                self.write(self.summary(state, now) + "\n")
                state.lastLine = now
            }
        }
    }

    /// Shows a line between the others.
    package func note(_ line: String) {
        self.state.withLock { state in
            self.erase(&state)
            self.write(line + "\n")
            self.draw(&state, self.now())
        }
    }

    /// Removes what is drawn for good.
    package func end() {
        self.state.withLock { state in
            self.erase(&state)
            state.total = 0
        }
    }

    private func show(_ expanded: ExpandedCase, _ result: CaseResult, _ history: History, _ state: inout State) {
        let standing = CaseOutcome(expanded, results: [result]).standing(strict: self.options.strict)
        if standing == .failed, self.isKnown(expanded, result) {
            state.known += 1
        } else if standing == .failed {
            state.failed += 1
            self.erase(&state)
            self.write("\n" + self.failure.lines(expanded, result, history).joined(separator: "\n") + "\n\n")
            if self.options.annotations { self.write(GitHubAnnotation.line(expanded, result) + "\n") }
            state.lastLine = self.now()
        } else if !self.options.isTerminal, state.total <= Self.shortRun {
            let seconds = Self.tenths(Double(result.duration) / 1e9)
            self.write("\(result.verdict.rawValue) \(expanded.name) (\(seconds) s, \(state.done)/\(state.total))\n")
        }
    }

    private func isKnown(_ expanded: ExpandedCase, _ result: CaseResult) -> Bool {
        self.options.known?.excuses(expanded, result, today: String(Timestamp.now().prefix(10))) ?? false
    }

    // MARK: What is drawn again and again

    private func erase(_ state: inout State) {
        guard state.drawn > 0 else { return }
        self.write("\r" + (state.drawn > 1 ? "\u{1B}[\(state.drawn - 1)A" : "") + "\u{1B}[J")
        state.drawn = 0
    }

    private func draw(_ state: inout State, _ now: ContinuousClock.Instant) {
        guard self.options.isTerminal, state.total > 0 else { return }
        self.erase(&state)
        var lines = [self.summary(state, now)]
        for running in state.running.prefix(Self.runningLines) {
            lines.append("  \(Self.tenths(running.since.duration(to: now).inSeconds)) s  \(running.name)")
        }
        let hidden = state.running.count - Self.runningLines
        if hidden > 0 { lines.append("  and \(hidden) more") }
        // Cut to a width that fits nearly every terminal, for a wrapped line could not be erased.
        self.write(lines.map { String($0.prefix(79)) }.joined(separator: "\n"))
        state.drawn = lines.count
        state.lastDrawn = now
    }

    private func summary(_ state: State, _ now: ContinuousClock.Instant) -> String {
        var parts = ["\(state.done)/\(state.total)"]
        if state.failed > 0 { parts.append("\(state.failed) failed") }
        if state.known > 0 { parts.append("\(state.known) known") }
        if state.done > 0, state.done < state.total {
            let elapsed = state.started.duration(to: now).inSeconds
            let rest = elapsed / Double(state.done) * Double(state.total - state.done)
            parts.append("about \(Int(rest.rounded(.up))) s left")
        }
        return parts.joined(separator: "  ")
    }

    private static func whole(_ duration: Duration) -> Int { Int(duration.inSeconds) }

    private static func tenths(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
