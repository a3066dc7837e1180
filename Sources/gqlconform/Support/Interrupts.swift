import Dispatch
import Foundation
import Synchronization

/// SIGINT and SIGTERM as something that can be waited for.
struct Interrupts: Sendable {
    /// The sources live as long as the process; a source that is released no longer fires.
    private static let sources = Mutex<[any DispatchSourceSignal]>([])

    private let stream: AsyncStream<Int32>

    /// From now on the two signals no longer end the process.
    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        self.stream = stream
        for number in [SIGINT, SIGTERM] {
            _ = signal(number, SIG_IGN)
            Self.sources.withLock { sources in
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { continuation.yield(number) }
                source.resume()
                sources.append(source)
            }
        }
    }

    /// Returns with the next signal, or when the task is cancelled. For one task at a time.
    func wait() async {
        for await _ in self.stream { return }
    }
}
