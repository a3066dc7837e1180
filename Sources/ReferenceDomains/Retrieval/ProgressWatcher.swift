import GraphQLCore
import PubSub
import Synchronization

/// Reads the hash of one query again and again, for everybody who watches it. All that they are told comes from its
/// readings, one after the other.
final class ProgressWatcher: Sendable {
    private enum Phase {
        case idle
        case reading(Task<Void, Never>)
        case pausing(PendingTimer?)
        case over
    }

    private struct State {
        var phase = Phase.idle
        var reader: ProgressReader
        var sinks: [Int: SourceEventSink] = [:]
        /// Those who have not been told how far the query is.
        var newcomers: Set<Int> = []
        var lastID = 0
    }

    private let key: String
    private let interval: Duration
    private let environment: DomainEnvironment
    private let state: Mutex<State>
    /// Called once nobody watches any more, or all has been told.
    private let onEnd: @Sendable (ProgressWatcher) -> Void

    init(
        key: String, reader: ProgressReader, interval: Duration, environment: DomainEnvironment,
        onEnd: @escaping @Sendable (ProgressWatcher) -> Void
    ) {
        self.key = key
        self.interval = interval
        self.environment = environment
        self.state = Mutex(State(reader: reader))
        self.onEnd = onEnd
    }

    /// Tells the sink how far the query is from its next reading on.
    ///
    /// - Returns: What ends that; nil when the watcher is at its end.
    func join(_ sink: SourceEventSink) -> SourceCancellation? {
        let id = self.state.withLock { state -> Int? in
            if case .over = state.phase { return nil }
            state.lastID += 1
            state.sinks[state.lastID] = sink
            state.newcomers.insert(state.lastID)
            if case .idle = state.phase { state.phase = .reading(self.readingTask()) }
            return state.lastID
        }
        guard let id else { return nil }
        return SourceCancellation { self.leave(id) }
    }

    private func leave(_ id: Int) {
        let phase = self.state.withLock { state -> Phase? in
            state.sinks[id] = nil
            state.newcomers.remove(id)
            guard state.sinks.isEmpty else { return nil }
            defer { state.phase = .over }
            return state.phase
        }
        switch phase {
        case .reading(let task): task.cancel()
        case .pausing(let timer): timer?.cancel()
        case .idle, .over, nil: break
        }
        if phase != nil { self.onEnd(self) }
    }

    private func readingTask() -> Task<Void, Never> {
        Task {
            let answer: Result<[String: [UInt8]], BusError>
            do throws(BusError) {
                answer = .success(try await self.environment.state.fields(of: self.key))
            } catch {
                answer = .failure(error)
            }
            self.settle(answer)
        }
    }

    private func settle(_ answer: Result<[String: [UInt8]], BusError>) {
        let now = self.environment.timers.now
        let (told, newcomers, others) =
            self.state.withLock { state in
                if case .over = state.phase { return (ProgressReader.Answer.nothing, [], []) }
                let told =
                    switch answer {
                    case .success(let fields): state.reader.read(fields, at: now)
                    case .failure(let error): state.reader.readFailed(GraphQLError(error), at: now)
                    }
                let newcomers = state.sinks.filter { state.newcomers.contains($0.key) }.map(\.value)
                let others = state.sinks.filter { !state.newcomers.contains($0.key) }.map(\.value)
                if told != .nothing || state.reader.event != nil { state.newcomers = [] }
                switch told {
                case .completed, .failed:
                    state.phase = .over
                    state.sinks = [:]
                case .nothing, .progress:
                    state.phase = .pausing(nil)
                }
                return (told, newcomers, others)
            } as (ProgressReader.Answer, [SourceEventSink], [SourceEventSink])
        self.tell(told, newcomers, others)
        switch told {
        case .completed, .failed: self.onEnd(self)
        case .nothing, .progress: self.pause()
        }
    }

    private func tell(_ told: ProgressReader.Answer, _ newcomers: [SourceEventSink], _ others: [SourceEventSink]) {
        switch told {
        case .nothing:
            guard let event = self.state.withLock({ $0.reader.event }) else { return }
            for sink in newcomers { sink.send(Retrieval.progress.object(event)) }
        case .progress(let event):
            for sink in newcomers + others { sink.send(Retrieval.progress.object(event)) }
        case .completed(let event):
            for sink in newcomers + others {
                sink.send(Retrieval.progress.object(event))
                if !self.environment.channels.faults.contains(.queryNeverCompletes) { sink.finish() }
            }
        case .failed(let error):
            let completes = self.environment.channels.faults.contains(.queryFailureCompletes)
            for sink in newcomers + others { completes ? sink.finish() : sink.fail(error) }
        }
    }

    private func pause() {
        let timer = self.environment.timers.schedule(after: self.interval) {
            self.state.withLock { state in
                guard case .pausing = state.phase else { return }
                state.phase = .reading(self.readingTask())
            }
        }
        let isLate = self.state.withLock { state in
            guard case .pausing(nil) = state.phase else { return true }
            state.phase = .pausing(timer)
            return false
        }
        if isLate { timer.cancel() }
    }
}
