import GraphQLCore
import Logging
import SubscriptionProtocols
import Synchronization

/// The sources of a server that may be shared, by what must be equal to share them.
final class SourceDirectory: Sendable {
    let queueLimit: Int
    let metrics: ServerMetrics
    let logger: Logger
    let misbehaviour: Misbehaviour?
    private let stopped = Mutex(0)
    private let sources = Mutex<[SharedSource.Key: SharedSource]>([:])

    /// - Parameter queueLimit: events of one source that may wait, inclusive.
    init(queueLimit: Int, metrics: ServerMetrics, logger: Logger, misbehaviour: Misbehaviour? = nil) {
        self.queueLimit = queueLimit
        self.metrics = metrics
        self.logger = logger
        self.misbehaviour = misbehaviour
    }

    /// Lets the operation join the source of its stream, or a new one. Only on the operation's event loop.
    /// - Returns: the source, for leaving it.
    func join(
        _ output: OperationOutput, engine: GraphQLEngine, operation: PreparedOperation,
        context: any ExecutionContext, stream: SourceEventStream
    ) -> SharedSource {
        let isBlind = self.misbehaviour == .sourcesSharedAcrossTenants
        let key = stream.sharingKey.map { source in
            SharedSource.Key(
                operation: operation.sharingKey, source: isBlind ? "" : source,
                identity: isBlind ? "" : context.sharingIdentity)
        }
        while true {
            let source = self.source(at: key) {
                SharedSource(
                    engine: engine, operation: operation, context: context, stream: stream, key: key, directory: self)
            }
            if source.join(output) { return source }
            // It ended meanwhile; the next round makes another.
            self.remove(source, at: key)
        }
    }

    private func source(at key: SharedSource.Key?, orMake make: () -> SharedSource) -> SharedSource {
        guard let key else { return make() }
        return self.sources.withLock { sources in
            if let source = sources[key] { return source }
            let source = make()
            sources[key] = source
            return source
        }
    }

    /// Takes the source out, unless another stands in its place.
    func remove(_ source: SharedSource, at key: SharedSource.Key?) {
        guard let key else { return }
        self.sources.withLock { sources in
            if sources[key] === source {
                sources[key] = nil
                // Removing keeps the storage of the busiest moment.
                if sources.isEmpty { sources = [:] }
            }
        }
    }

    /// Whether a misbehaving server forgets to leave the source of an operation that is stopped.
    func forgetsToLeave() -> Bool {
        guard self.misbehaviour == .oneInAHundredLeaks else { return false }
        return self.stopped.withLock { stopped in
            stopped += 1
            return stopped % 100 == 0
        }
    }

    func opened() {
        self.metrics.sources.add()
        self.metrics.sourcesTotal.add()
    }

    func closed() {
        self.metrics.sources.add(-1)
    }
}
