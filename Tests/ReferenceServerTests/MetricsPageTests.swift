import Foundation
import TestSupport
import Testing

/// `docs/metrics.md` against what the server prints.
@Suite(
    "Page of metrics",
    .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"),
    .timeLimit(.minutes(1)))
struct MetricsPageTests {
    /// The table: the types and labels of each name.
    private static func documented() throws -> [String: (type: String, labels: Set<String>)] {
        let page = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/metrics.md")
        var rows: [String: (type: String, labels: Set<String>)] = [:]
        for line in try String(contentsOf: page, encoding: .utf8).split(separator: "\n") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 6, cells[1].hasPrefix("`") else { continue }
            let names = cells[1].matches(of: /`([a-z_]+)`/).map { String($0.1) }
            let types = cells[2].split(separator: ", ").map(String.init)
            let labels = Set(cells[3].matches(of: /`([a-z_]+)`/).map { String($0.1) })
            for (name, type) in zip(names, types.count == 1 ? names.map { _ in types[0] } : types) {
                #expect(rows[name] == nil, "\(name) is there twice")
                // "(total)" says that only the counter has the label.
                let isForTotal = cells[3].hasSuffix("(total)") && !name.hasSuffix("_total")
                rows[name] = (type, isForTotal ? [] : labels)
            }
        }
        return rows
    }

    @Test("Every metric is in the table with its type and labels, and nothing else")
    func metrics() async throws {
        let redis = try await RedisServer.start()
        let server = try await ServerProcess.start(
            ["--redis-url", "redis://127.0.0.1:\(redis.port)", "--max-connections-per-address", "3"])
        try await eventually("ready") { try server.readiness() == 200 }
        // Something of most kinds.
        let client = try WireClient(port: server.port, dialect: .transportWS)
        try client.start("s", "subscription { serviceUpdated { id } }")
        _ = try client.waiting()
        let text = try RawHTTP.request("GET", "/metrics", port: server.port).body
        var printed: [String: String] = [:]
        for match in text.matches(of: /(?m)^# TYPE graphql_realtime_([a-z_]+) ([a-z]+)$/) {
            #expect(printed.updateValue(String(match.2), forKey: String(match.1)) == nil, "\(match.1) is there twice")
        }
        let documented = try Self.documented()
        #expect(Set(printed.keys) == Set(documented.keys))
        for (name, type) in printed { #expect(documented[name]?.type == type, "\(name)") }
        for match in text.matches(of: #/(?m)^graphql_realtime_([a-z_]+?)(?:_bucket|_sum|_count)?\{([^}]*)\} /#) {
            let labels = Set(match.2.matches(of: /([a-z_]+)="/).map { String($0.1) }).subtracting(["le"])
            #expect(documented[String(match.1)]?.labels == labels, "\(match.0)")
        }
        // Each has its help, and nothing has another prefix.
        #expect(text.matches(of: /(?m)^# HELP graphql_realtime_[a-z_]+ [A-Z]/).count == printed.count)
        #expect(
            text.split(separator: "\n").allSatisfy { $0.hasPrefix("#") || $0.hasPrefix("graphql_realtime_") })
        server.terminate()
        redis.kill()
    }

    @Test("Every message of the catalogue is in the table with its level, and nothing else")
    func messages() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        // What the two catalogues say: the message of each case, and its level.
        var catalogue: [String: String] = [:]
        for file in [
            "Sources/SubscriptionServer/Observability/ServerEvent.swift",
            "Sources/reference-server/Logging/ProgramEvent.swift",
        ] {
            let source = try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
            let messages = source.matches(of: /case \.(\w+): "([^"]+)"/)
            let levels = source.matches(of: /case ((?:\.\w+(?:, )?)+): \.(debug|info|notice|warning|error)\n/)
                .flatMap { match in
                    match.1.matches(of: /\.(\w+)/).map { (String($0.1), String(match.2)) }
                }
            for (name, level) in levels {
                let message = try #require(messages.first { $0.1 == name }, "\(name) has no message")
                catalogue[String(message.2)] = level
            }
            #expect(levels.count == messages.count, "\(file)")
        }
        let page = try String(contentsOf: root.appendingPathComponent("docs/metrics.md"), encoding: .utf8)
        var documented: [String: String] = [:]
        for line in page.split(separator: "\n") {
            let cells = line.split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 5, cells[1].hasPrefix("`") else { continue }
            let names = cells[1].matches(of: /`([^`]+)`/).map { String($0.1) }
            let levels = cells[2].split(separator: ", ").map(String.init)
            for (name, level) in zip(names, levels.count == 1 ? names.map { _ in levels[0] } : levels) {
                documented[name] = level
            }
        }
        #expect(documented == catalogue)
        #expect(catalogue.count >= 31)
    }
}
