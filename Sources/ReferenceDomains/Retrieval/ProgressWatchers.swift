import GraphQLCore
import Synchronization

/// The queries that somebody watches: one watcher each, however many there are.
final class ProgressWatchers: Sendable {
    private struct Key: Hashable {
        let tenant: String
        let hash: String
    }

    /// How often a hash is read.
    private static let interval = Duration.milliseconds(100)

    private let environment: DomainEnvironment
    private let timeout: Duration
    private let watchers = Mutex<[Key: ProgressWatcher]>([:])

    /// - Parameter timeout: See `ProgressReader`.
    init(_ environment: DomainEnvironment, timeout: Duration) {
        self.environment = environment
        self.timeout = timeout
    }

    /// How many queries are watched.
    var count: Int { self.watchers.withLock { $0.count } }

    /// Tells the sink how far the query is, until the returned cancellation or the end.
    func watch(_ queryID: String, _ channels: TenantChannels, _ sink: SourceEventSink) throws -> SourceCancellation {
        let hash = try channels.progressKey(queryID)
        let key = Key(tenant: channels.tenant, hash: hash)
        while true {
            let watcher = self.watchers.withLock { watchers in
                if let watcher = watchers[key] { return watcher }
                let reader = ProgressReader(
                    queryID: queryID, timeout: self.timeout, now: self.environment.timers.now,
                    isOwn: { channels.owns($0) })
                let watcher = ProgressWatcher(
                    key: hash, reader: reader, interval: Self.interval, environment: self.environment
                ) { [weak self] ended in
                    self?.remove(ended, at: key)
                }
                watchers[key] = watcher
                return watcher
            }
            if let cancellation = watcher.join(sink) { return cancellation }
            // It ended meanwhile; the next round makes another.
            self.remove(watcher, at: key)
        }
    }

    private func remove(_ watcher: ProgressWatcher, at key: Key) {
        self.watchers.withLock { watchers in
            if watchers[key] === watcher { watchers[key] = nil }
        }
    }
}
