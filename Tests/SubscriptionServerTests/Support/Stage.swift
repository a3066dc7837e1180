import GraphQLCore
import Synchronization

/// What the resolvers of the test schema play with: sources that emit when told, and calls that last until told.
final class Stage: Sendable {
    private struct State {
        var sinks: [String: [Int: SourceEventSink]] = [:]
        var opened = 0
        var counter = 0
        var held: [String: [Int: CheckedContinuation<Void, Never>]] = [:]
        var released: Set<String> = []
        var watchers: [(condition: @Sendable (borrowing Counts) -> Bool, CheckedContinuation<Void, Never>)] = []

        var counts: Counts {
            Counts(
                active: self.sinks.mapValues(\.count), held: self.held.mapValues(\.count), opened: self.opened,
                counter: self.counter)
        }
    }

    /// What can be waited for.
    struct Counts: Sendable {
        /// Sources alive, by topic.
        var active: [String: Int]
        /// Calls that last, by name.
        var held: [String: Int]
        /// Sources opened so far.
        var opened: Int
        /// How often the counter was incremented.
        var counter: Int
    }

    private let state = Mutex(State())

    var counts: Counts { self.state.withLock { $0.counts } }

    /// Returns once the condition holds.
    func wait(until condition: @escaping @Sendable (borrowing Counts) -> Bool) async {
        await withCheckedContinuation { continuation in
            let holds = self.state.withLock { state in
                if condition(state.counts) { return true }
                state.watchers.append((condition, continuation))
                return false
            }
            if holds { continuation.resume() }
        }
    }

    /// Returns once that many sources of the topic are alive.
    func wait(untilActive topic: String, is count: Int) async {
        await self.wait { ($0.active[topic] ?? 0) == count }
    }

    private func change<Result: Sendable>(_ body: (inout State) -> sending Result) -> Result {
        let (result, ready) = self.state.withLock { state in
            let result = body(&state)
            let counts = state.counts
            let ready = state.watchers.filter { $0.condition(counts) }.map(\.1)
            state.watchers.removeAll { $0.condition(counts) }
            return (result, ready)
        }
        ready.forEach { $0.resume() }
        return result
    }

    // MARK: Sources

    func stream(_ topic: String, sharingKey: String? = nil) -> SourceEventStream {
        SourceEventStream(sharingKey: sharingKey) { sink in
            let number = self.change { state in
                state.opened += 1
                state.sinks[topic, default: [:]][state.opened] = sink
                return state.opened
            }
            return SourceCancellation {
                self.change { $0.sinks[topic]?[number] = nil }
            }
        }
    }

    private func sinks(_ topic: String) -> [SourceEventSink] {
        self.state.withLock { $0.sinks[topic].map { $0.sorted { $0.key < $1.key }.map(\.value) } ?? [] }
    }

    /// - Parameter notice: What goes with the event.
    func publish(_ topic: String, _ value: ResolvedValue, notice: JSONObject? = nil) {
        for sink in self.sinks(topic) {
            if let notice { sink.notice(notice) }
            sink.send(value)
        }
    }

    func finish(_ topic: String) {
        self.sinks(topic).forEach { $0.finish() }
    }

    func fail(_ topic: String, _ error: any Error) {
        self.sinks(topic).forEach { $0.fail(error) }
    }

    // MARK: Calls that last

    /// Lasts until `release` with that name, or until the task is cancelled.
    func hold(_ name: String) async {
        let number = self.change { state in
            state.opened += 1
            return state.opened
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = self.change { state in
                    if state.released.contains(name) || Task.isCancelled { return true }
                    state.held[name, default: [:]][number] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            self.change { $0.held[name]?.removeValue(forKey: number) }?.resume()
        }
    }

    /// Ends all calls of that name, also future ones.
    func release(_ name: String) {
        let held = self.change { state in
            state.released.insert(name)
            return Array((state.held.removeValue(forKey: name) ?? [:]).values)
        }
        held.forEach { $0.resume() }
    }

    func increment() -> Int {
        self.change { state in
            state.counter += 1
            return state.counter
        }
    }
}
