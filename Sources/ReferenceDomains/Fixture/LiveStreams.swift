import Synchronization

/// The source streams that are alive, counted by key.
package final class LiveStreams: Sendable {
    private struct Counts {
        var total = 0
        var byKey: [String: Int] = [:]
    }

    private let counts = Mutex(Counts())

    package init() {}

    /// How many are alive, whatever their key.
    package var total: Int { self.counts.withLock { $0.total } }

    /// How many of that key are alive.
    package func count(of key: String) -> Int { self.counts.withLock { $0.byKey[key] ?? 0 } }

    /// Counts a stream in, until `close()` is called on what is returned.
    package func open(key: String?) -> LiveStream {
        self.counts.withLock { counts in
            counts.total += 1
            if let key { counts.byKey[key, default: 0] += 1 }
        }
        return LiveStream(key: key, of: self)
    }

    fileprivate func close(key: String?) {
        self.counts.withLock { counts in
            counts.total -= 1
            guard let key, let count = counts.byKey[key] else { return }
            counts.byKey[key] = count > 1 ? count - 1 : nil
            if counts.byKey.isEmpty { counts.byKey = [:] }
        }
    }
}

/// A stream that is counted.
package final class LiveStream: Sendable {
    private let key: String?
    private let streams: LiveStreams
    private let closed = Atomic(false)

    fileprivate init(key: String?, of streams: LiveStreams) {
        self.key = key
        self.streams = streams
    }

    /// Counts the stream out; from the second call on nothing happens.
    ///
    /// - Returns: Whether this was the first call, so that of an end and a cancellation that race one wins.
    @discardableResult
    package func close() -> Bool {
        guard !self.closed.exchange(true, ordering: .acquiringAndReleasing) else { return false }
        self.streams.close(key: self.key)
        return true
    }

    /// Whether `close()` was not called yet.
    var isOpen: Bool { !self.closed.load(ordering: .acquiring) }
}
