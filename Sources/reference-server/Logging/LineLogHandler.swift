import Glibc
import GraphQLCore
import Logging
import ReferenceDomains

/// Writes one line per entry to standard error, as text or as a JSON object.
struct LineLogHandler: LogHandler {
    let label: String
    let format: Settings.LogFormat
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(label: String, format: Settings.LogFormat) {
        self.label = label
        self.format = format
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let metadata = self.metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let line =
            switch self.format {
            case .text: self.text(event, metadata)
            case .json: self.json(event, metadata)
            }
        // One call for a line, so that lines of several threads do not mix.
        (line + [UInt8(ascii: "\n")]).withUnsafeBytes { bytes in
            _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }

    private func text(_ event: LogEvent, _ metadata: [(key: String, value: Logger.Metadata.Value)]) -> [UInt8] {
        var line = "\(Timestamp.now()) \(event.level) \(event.message)"
        for (key, value) in metadata {
            let text = "\(value)"
            let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x7F }
            let shown = isPlain ? text : String(decoding: JSONValue.string(text).encoded(), as: UTF8.self)
            line += " \(key)=\(shown)"
        }
        return line.utf8.map { $0 < 0x20 ? 0x20 : $0 }
    }

    private func json(_ event: LogEvent, _ metadata: [(key: String, value: Logger.Metadata.Value)]) -> [UInt8] {
        var members: JSONObject = [
            "time": .string(Timestamp.now()), "level": .string(event.level.rawValue),
            "message": .string("\(event.message)"),
        ]
        for (key, value) in metadata where members[key] == nil {
            members[key] = .string("\(value)")
        }
        return JSONValue.object(members).encoded()
    }
}
