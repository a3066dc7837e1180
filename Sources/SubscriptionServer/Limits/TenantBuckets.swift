import GraphQLCore
import NIOCore
import Synchronization

/// The message rates of tenants. A tenant's bucket is looked up once by each connection, not for each message.
final class TenantBuckets: Sendable {
    private struct Entry {
        let bucket: SharedTokenBucket
        var users = 0
    }

    private struct State {
        var entries: [ByteString: Entry] = [:]
        /// The number of entries at which to look for those that are of no use.
        var crowded = 64
    }

    private let state = Mutex(State())

    /// The tenant's bucket, for as long as the lease is held.
    func join(_ tenant: String, now: NIODeadline) -> (SharedTokenBucket, LimitLease) {
        let key = ByteString(tenant)
        let bucket = self.state.withLock { state in
            if state.entries.count >= state.crowded {
                // A bucket that is full and unused equals the one that would be made anew.
                state.entries = state.entries.filter { $0.value.users > 0 || !$0.value.bucket.isFull(now: now) }
                state.crowded = max(64, 2 * state.entries.count)
            }
            var entry = state.entries[key] ?? Entry(bucket: SharedTokenBucket())
            entry.users += 1
            state.entries[key] = entry
            return entry.bucket
        }
        return (bucket, LimitLease { [self] in self.state.withLock { $0.entries[key]?.users -= 1 } })
    }
}
