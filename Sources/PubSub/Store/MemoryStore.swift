import Glibc
import Synchronization

/// A store inside the process; nothing outlives it.
package final class MemoryStore: KeyValueStore {
    private let contents = Mutex(StoreContents())
    /// Held while a change is made and announced, so that messages follow the order of the changes.
    private let announcing = Mutex(())
    private let bus: InMemoryBus?
    private let now: @Sendable () -> Duration

    /// - Parameters:
    ///   - bus: Where changes are announced; nil for nowhere.
    ///   - now: The time since 1970.
    package init(
        announcingOn bus: InMemoryBus? = nil, now: @escaping @Sendable () -> Duration = { MemoryStore.systemTime() }
    ) {
        self.bus = bus
        self.now = now
    }

    package func perform(_ command: StoreCommand) async throws(BusError) -> StoreReply {
        guard case .hashReplace(let change) = command, let bus = self.bus else { return try self.carryOut(command) }
        return try self.announcing.withLock { _ throws(BusError) in
            let reply = try self.carryOut(command)
            guard reply == .integer(1) else { return reply }
            for announcement in change.announcements {
                _ = try bus.publishNow(announcement.message, to: announcement.channel)
            }
            return reply
        }
    }

    private func carryOut(_ command: StoreCommand) throws(BusError) -> StoreReply {
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
