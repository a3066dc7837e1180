import Glibc
import GraphQLCore
package import Logging

/// How log lines look.
package enum LogFormat: String, Sendable, CaseIterable {
    /// `2025-01-31T12:00:00.000Z info label: message key=value`, for people.
    case text
    /// One JSON object with `time`, `level`, `label`, `message` and the metadata in `metadata`, for machines.
    case json

    /// A handler that writes lines to the standard error stream.
    /// - Parameter level: the least severe level that is written.
    package func handler(label: String, level: Logger.Level) -> any LogHandler {
        LineLogHandler(label: label, format: self, logLevel: level, now: LogTimestamp.now) { line in
            // One call, so that lines of several threads do not mix.
            line.withUnsafeBytes { bytes in
                _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
            }
        }
    }
}

/// Writes each log entry as one line.
struct LineLogHandler: LogHandler {
    let label: String
    let format: LogFormat
    var logLevel: Logger.Level
    let now: @Sendable () -> String
    let write: @Sendable ([UInt8]) -> Void
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    init(
        label: String, format: LogFormat, logLevel: Logger.Level, now: @escaping @Sendable () -> String,
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.label = label
        self.format = format
        self.logLevel = logLevel
        self.now = now
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = self.metadata
        all.merge(self.metadataProvider?.get() ?? [:]) { _, new in new }
        all.merge(event.metadata ?? [:]) { _, new in new }
        let members = all.sorted { $0.key < $1.key }
        switch self.format {
        case .json: self.writeJSON(event, members)
        case .text: self.writeText(event, members)
        }
    }

    private func writeJSON(_ event: LogEvent, _ members: [(key: String, value: Logger.Metadata.Value)]) {
        var line: JSONObject = [
            "time": .string(self.now()), "level": .string(event.level.rawValue), "label": .string(self.label),
            "message": .string(event.message.description),
        ]
        if !members.isEmpty {
            var object = JSONObject()
            for (key, value) in members {
                object[key] = Self.json(value)
            }
            line["metadata"] = .object(object)
        }
        self.write(JSONValue.object(line).encoded() + [UInt8(ascii: "\n")])
    }

    private func writeText(_ event: LogEvent, _ members: [(key: String, value: Logger.Metadata.Value)]) {
        var line = "\(self.now()) \(event.level.rawValue) \(self.label): \(event.message)"
        for (key, value) in members {
            line += " \(key)=\(value)"
        }
        // Whatever a client made part of an entry, an entry is one line.
        let visible = line.unicodeScalars.map { scalar in
            scalar.value < 0x20 || scalar.value == 0x7F ? " " : String(scalar)
        }
        self.write(Array(visible.joined().utf8) + [UInt8(ascii: "\n")])
    }

    private static func json(_ value: Logger.Metadata.Value) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let value): .string(value.description)
        case .array(let values): .array(values.map(self.json))
        case .dictionary(let members):
            .object(
                members.sorted { $0.key < $1.key }.reduce(into: JSONObject()) { $0[$1.key] = self.json($1.value) })
        }
    }
}
