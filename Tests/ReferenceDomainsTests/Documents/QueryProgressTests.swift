import GraphQLCore
import PubSub
import Synchronization
import Testing

@testable import ReferenceDomains

@Suite("Progress of queries", .timeLimit(.minutes(1)))
struct QueryProgressTests {
    private static func updates(_ id: String) -> String {
        #"subscription { queryProgress(queryId: "\#(id)") { queryId stage progress message } }"#
    }

    private static func progress(_ stage: String, _ share: String, _ message: String) -> String {
        #"{"data":{"queryProgress":{"queryId":"q1","stage":"\#(stage)","progress":\#(share),"message":"\#(message)"}}}"#
    }

    @Test("A started query goes through its stages and is complete")
    func pipeline() async throws {
        let domains = try DomainHarness(makeID: { "q1" })
        #expect(
            try await domains.run(#"mutation { startQuery(text: "Why?") { queryId text } }"#)
                == #"{"data":{"startQuery":{"queryId":"q1","text":"Why?"}}}"#)
        var iterator = try await domains.subscribe(Self.updates("q1")).responses.makeAsyncIterator()
        #expect(await iterator.next() == Self.progress("received", "0.0", "Query accepted"))
        let stages = [
            ("retrieving", "0.25", "Fetching documents"), ("reranking", "0.5", "Reordering results"),
            ("generating", "0.75", "Generating answer"), ("completed", "1.0", "Answer ready"),
        ]
        // Time passes while both the work and the watcher wait for it: would it pass while one of them writes or reads, the
        // watcher could miss a stage, as it may. Behind its last stage the work waits no more.
        let isLastStage = Atomic(false)
        let clock = Task {
            while !Task.isCancelled {
                if domains.timers.pending == 2 || isLastStage.load(ordering: .relaxed) {
                    domains.timers.advance(by: .milliseconds(50))
                }
                await Task.yield()
            }
        }
        for (stage, share, message) in stages {
            isLastStage.store(stage == "completed", ordering: .relaxed)
            #expect(await iterator.next() == Self.progress(stage, share, message))
        }
        #expect(await iterator.next() == "finished")
        clock.cancel()
        var late = try await domains.subscribe(Self.updates("q1")).responses.makeAsyncIterator()
        #expect(await late.next() == Self.progress("completed", "1.0", "Answer ready"))
        #expect(await late.next() == "finished")
    }

    @Test("A query that fails ends with an error that says so")
    func failure() async throws {
        let domains = try DomainHarness(makeID: { "q1" })
        _ = try await domains.run(#"mutation { startQuery(text: "Why?", failAt: "retrieving") { queryId } }"#)
        var iterator = try await domains.subscribe(Self.updates("q1")).responses.makeAsyncIterator()
        #expect(await iterator.next() == Self.progress("received", "0.0", "Query accepted"))
        let clock = Task {
            while !Task.isCancelled {
                domains.timers.advance(by: .milliseconds(50))
                await Task.yield()
            }
        }
        #expect(await iterator.next() == "failed: The simulated work failed at the stage retrieving.")
        clock.cancel()
    }

    @Test("However many watch a query, one reads; the last to leave ends that")
    func oneWatcher() async throws {
        let state = CountingState()
        let timers = ManualTimers()
        let environment = DomainEnvironment(
            bus: InMemoryBus(), channels: try ChannelNames(), state: state, timers: timers)
        let watchers = ProgressWatchers(environment, timeout: .seconds(30))
        let channels = try environment.channels.of(tenant: "public")
        let told = Mutex<[Int]>([])
        func sink(_ number: Int) -> SourceEventSink {
            SourceEventSink(onEvent: { _ in told.withLock { $0.append(number) } }, onEnd: { _ in })
        }
        try await state.setFields(["stage": Array("received".utf8)], of: "public:progress:q1")
        let cancellations = try (1...3).map { try watchers.watch("q1", channels, sink($0)) }
        await timers.set(1)
        #expect(state.reads == 1)
        #expect(watchers.count == 1)
        for reads in 2...4 {
            timers.advance(by: .milliseconds(100))
            await timers.set(1)
            #expect(state.reads == reads)
        }
        #expect(told.withLock { $0.sorted() } == [1, 2, 3])
        cancellations[0].cancel()
        cancellations[1].cancel()
        #expect(watchers.count == 1)
        #expect(timers.pending == 1)
        cancellations[2].cancel()
        #expect(watchers.count == 0)
        #expect(timers.pending == 0)
    }

    @Test("Another tenant's query is one that nothing is heard of")
    func otherTenant() async throws {
        let domains = try DomainHarness(channels: ChannelNames(layout: .seed), makeID: { "q1" })
        _ = try await domains.run(#"mutation { startQuery(text: "Why?") { queryId } }"#)
        var iterator = try await domains.subscribe(
            Self.updates("q1"), as: Identity(tenant: "globex", isUnrestricted: true)
        ).responses.makeAsyncIterator()
        let clock = Task {
            while !Task.isCancelled {
                domains.timers.advance(by: .seconds(5))
                await Task.yield()
            }
        }
        #expect(await iterator.next() == "failed: Nothing was heard of this query within 30 seconds.")
        clock.cancel()
    }

    // MARK: What a reading means

    private func reader() -> ProgressReader {
        ProgressReader(queryID: "q1", timeout: .seconds(30), now: .seconds(100), isOwn: { $0["tenant_id"] != "globex" })
    }

    private func fields(_ texts: [String: String]) -> [String: [UInt8]] {
        texts.mapValues { Array($0.utf8) }
    }

    @Test("A hash that does not appear in time is an error, and so is one that disappears")
    func timesOut() {
        var reader = self.reader()
        #expect(reader.read([:], at: .seconds(129)) == .nothing)
        guard case .failed(let error) = reader.read([:], at: .seconds(130)) else {
            Issue.record("no failure")
            return
        }
        #expect(error.extensions?["code"] == "NOT_FOUND")
        #expect(reader.read(self.fields(["stage": "completed"]), at: .seconds(131)) == .nothing)
        var other = self.reader()
        _ = other.read(self.fields(["stage": "received"]), at: .seconds(101))
        guard case .failed = other.read([:], at: .seconds(102)) else {
            Issue.record("no failure")
            return
        }
    }

    @Test("Only changes are told, a missing share is that of the stage, and stages that we do not know pass")
    func changes() {
        var reader = self.reader()
        #expect(
            reader.read(self.fields(["stage": "reranking"]), at: .seconds(101))
                == .progress(["stage": "reranking", "query_id": "q1", "progress": 0.5]))
        #expect(reader.read(self.fields(["stage": "reranking"]), at: .seconds(102)) == .nothing)
        #expect(
            reader.read(self.fields(["stage": "polishing", "progress": "0.9"]), at: .seconds(103))
                == .progress(["progress": "0.9", "stage": "polishing", "query_id": "q1"]))
        #expect(
            reader.read(self.fields(["stage": "completed"]), at: .seconds(104))
                == .completed(["stage": "completed", "query_id": "q1", "progress": 1.0]))
    }

    @Test("A store that is away is an error at once when it never answered, else only after the time")
    func storeAway() {
        let away = GraphQLError(message: "away")
        var fresh = self.reader()
        #expect(fresh.readFailed(away, at: .seconds(100)) == .failed(away))
        var reader = self.reader()
        _ = reader.read(self.fields(["stage": "received"]), at: .seconds(101))
        #expect(reader.readFailed(away, at: .seconds(130)) == .nothing)
        #expect(reader.read(self.fields(["stage": "received"]), at: .seconds(130)) == .nothing)
        #expect(reader.readFailed(away, at: .seconds(159)) == .nothing)
        #expect(reader.readFailed(away, at: .seconds(160)) == .failed(away))
    }
}

/// A store in memory that counts how often it is asked.
private final class CountingState: KeyValueStore {
    private let store = MemoryStore()
    private let count = Atomic(0)

    var reads: Int { self.count.load(ordering: .relaxed) }

    func perform(_ command: StoreCommand) async throws(BusError) -> StoreReply {
        if case .hashAll = command { self.count.add(1, ordering: .relaxed) }
        return try await self.store.perform(command)
    }
}
