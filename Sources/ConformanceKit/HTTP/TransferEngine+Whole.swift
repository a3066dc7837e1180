package import NIOCore
import NIOPosix
import Synchronization

extension TransferEngine {
    /// An answer as a whole.
    package struct Whole: Sendable {
        package var head: TransferHead?
        package var body: [UInt8]
        package var end: TransferEnd
    }

    private struct Gathering {
        var head: TransferHead?
        var body: [UInt8] = []
    }

    /// Makes a transfer and waits for its end. For requests of the runner's own that belong to no connection.
    ///
    /// - Parameter limit: Then the transfer is ended from this side; `nil` waits for as long as it lasts.
    package func whole(_ request: TransferRequest, within limit: TimeAmount? = nil) async -> Whole {
        await withCheckedContinuation { continuation in
            let shared = Shared()
            let transfer = self.start(request) { event in
                switch event {
                case .head(let head): shared.value.withLock { $0.head = head }
                case .body(let bytes): shared.value.withLock { $0.body += bytes }
                case .ended(let end):
                    let all = shared.value.withLock { $0 }
                    continuation.resume(returning: Whole(head: all.head, body: all.body, end: end))
                }
                return true
            }
            // One that is over is not there to be ended.
            if let limit { MultiThreadedEventLoopGroup.singleton.next().scheduleTask(in: limit) { transfer.cancel() } }
        }
    }

    /// Holds what the observer gathers; a mutex cannot be captured by itself.
    private final class Shared: Sendable {
        let value = Mutex(Gathering())
    }
}
