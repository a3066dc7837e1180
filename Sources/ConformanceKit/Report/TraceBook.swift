import Synchronization

/// Keeps what a report draws of each case while the run goes on: all of a case that is not good, and of good ones only
/// so many as a page can hold.
package final class TraceBook: Sendable {
    /// The number of good cases up to which they are drawn too.
    private static let goodLimit = 200

    private struct State {
        var traces: [String: CaseTrace] = [:]
        var good: Set<String> = []
    }

    private let state = Mutex(State())

    /// An empty book.
    package init() {}

    /// Takes a case that was played. Of several plays the first that is not good is kept, else the last.
    package func take(_ result: CaseResult, _ history: History) {
        let isGood = result.verdict.isGood
        let trace = CaseTrace(history, limit: isGood ? 80 : 400)
        self.state.withLock { state in
            let name = result.caseName
            if isGood {
                guard state.traces[name] == nil || state.good.contains(name) else { return }
                guard state.good.contains(name) || state.good.count < Self.goodLimit else { return }
                state.good.insert(name)
            } else if state.good.remove(name) == nil, state.traces[name] != nil {
                return
            }
            state.traces[name] = trace
        }
    }

    /// What was kept, by the name of the case.
    package var traces: [String: CaseTrace] { self.state.withLock { $0.traces } }
}
