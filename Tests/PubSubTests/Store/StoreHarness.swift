import PubSub
import Synchronization
import TestSupport
import Testing

/// A store of one kind, and a way to let its time pass.
struct TestStore {
    let store: any KeyValueStore
    /// The bus that changes are announced on.
    let bus: any MessageBus
    /// Lets so much time pass, for keys that expire: at once in memory; for Redis it is waited for.
    let pass: (Duration) async throws -> Void
}

/// Runs the body with an empty store of the kind.
func withStore(_ kind: BusKind, _ body: (TestStore) async throws -> Void) async throws {
    switch kind {
    case .memory:
        let now = NowBox()
        let bus = InMemoryBus()
        let store = MemoryStore(announcingOn: bus, now: { now.value })
        try await body(TestStore(store: store, bus: bus) { now.advance(by: $0) })
    case .redis:
        try await withRedisBus { bus, redis in
            try await body(
                TestStore(store: bus, bus: bus) { duration in
                    // Another key of the same life shows when it has passed for Redis.
                    try redis.command("-n", "3", "SET", "clock", "x", "PX", "\(Int(duration / .milliseconds(1)))")
                    try await eventually("time passes for Redis") {
                        try redis.command("-n", "3", "EXISTS", "clock").hasSuffix("0")
                    }
                })
        }
    }
}

/// A time that is set by hand.
final class NowBox: Sendable {
    private let box: Mutex<Duration>

    init(_ start: Duration = .seconds(1_700_000_000)) { self.box = Mutex(start) }

    var value: Duration {
        get { self.box.withLock { $0 } }
        set { self.box.withLock { $0 = newValue } }
    }

    func advance(by duration: Duration) { self.box.withLock { $0 += duration } }
}

/// Bytes of a text.
func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// The body has to fail because the store refuses.
func expectRefusal(
    _ body: () async throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
) async {
    do {
        try await body()
        Issue.record("it was not refused", sourceLocation: sourceLocation)
    } catch {
        #expect((error as? BusError)?.code == .refused, sourceLocation: sourceLocation)
    }
}
