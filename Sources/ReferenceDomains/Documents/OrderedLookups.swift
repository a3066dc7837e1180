import GraphQLCore
import PubSub
import Synchronization

/// Makes events of messages by asking elsewhere, one at a time and in order. Owns the task that does it.
final class OrderedLookups: Sendable {
    /// Messages that may wait, inclusive; with one more the stream fails rather than lose one.
    private static let limit = 1024

    private let continuation: AsyncStream<[UInt8]>.Continuation
    private let task: Mutex<Task<Void, Never>?>
    private let failure = Mutex<(any Error)?>(nil)

    /// - Parameter lookUp: The event of a message; nil for none. What it throws becomes an event that failed.
    init(into sink: SourceEventSink, _ lookUp: @escaping @Sendable ([UInt8]) async throws -> ResolvedValue?) {
        let (messages, continuation) = AsyncStream.makeStream(
            of: [UInt8].self, bufferingPolicy: .bufferingOldest(Self.limit))
        self.continuation = continuation
        self.task = Mutex(nil)
        self.task.withLock { task in
            task = Task { [weak self] in
                for await message in messages {
                    do {
                        guard let event = try await lookUp(message), !Task.isCancelled else { continue }
                        sink.send(event)
                    } catch let error as GraphQLError {
                        sink.send(.failure(error))
                    } catch {
                        sink.fail(error)
                        return
                    }
                }
                if let failure = self?.failure.withLock({ $0 }), !Task.isCancelled { sink.fail(failure) }
            }
        }
    }

    func add(_ message: [UInt8]) {
        if case .dropped = self.continuation.yield(message) {
            self.end(BusError(.overloaded, "\(Self.limit) messages wait to be looked up"))
        }
    }

    /// Fails the stream once all that waits has been looked up.
    func end(_ error: any Error) {
        self.failure.withLock { $0 = $0 ?? (error as? BusError).map(GraphQLError.init) ?? error }
        self.continuation.finish()
    }

    func cancel() {
        self.continuation.finish()
        self.task.withLock { task in
            task?.cancel()
            task = nil
        }
    }
}
