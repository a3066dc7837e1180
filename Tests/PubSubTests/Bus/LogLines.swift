import Logging
import Synchronization

/// Everything that is logged, of every level, metadata included.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    /// What was logged so far.
    var all: [String] { self.lines.withLock { $0 } }

    /// A logger that writes here.
    var logger: Logger {
        var logger = Logger(label: "test") { _ in
            RecordingLogHandler { line in self.lines.withLock { $0.append(line) } }
        }
        logger.logLevel = .trace
        return logger
    }
}

/// Hands every line to a closure, metadata included.
private struct RecordingLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace
    let record: @Sendable (String) -> Void

    init(_ record: @escaping @Sendable (String) -> Void) { self.record = record }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        self.record("\(event.level) \(event.message) \(event.metadata ?? [:])")
    }
}
