import Glibc
import Synchronization

/// A store inside the process; nothing outlives it.
package final class MemoryStore: KeyValueStore {
    private let contents = Mutex(StoreContents())
    private let now: @Sendable () -> Duration

    /// - Parameter now: The time since 1970.
    package init(now: @escaping @Sendable () -> Duration = { MemoryStore.systemTime() }) {
        self.now = now
    }

    package func perform(_ command: StoreCommand) async throws(BusError) -> StoreReply {
        let now = self.now()
        return try self.contents.withLock { contents throws(BusError) in
            // A clock that was set back makes nothing live again.
            contents.now = max(contents.now, now)
            return try contents.perform(command)
        }
    }

    /// How many keys are kept, those included that expired within the last minute.
    package var keyCount: Int { self.contents.withLock { $0.count } }

    package static func systemTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
