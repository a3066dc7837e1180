import GraphQLCore
import Synchronization
import TestSupport

@testable import SubscriptionServer

extension Wire {
    /// The message that begins a connection.
    static func initialisation(_ payload: JSONObject?) -> String {
        var message: JSONObject = ["type": "connection_init"]
        message["payload"] = payload.map { .object($0) }
        return JSONValue.object(message).text
    }
}

extension TestServer {
    /// One POST on a connection of its own.
    /// - Parameter fields: further header fields, as lines.
    func post(_ body: String, _ fields: [String] = []) async throws -> (head: String, body: String) {
        try await self.connect { wire in
            let head = Wire.head(
                [
                    "POST /graphql HTTP/1.1", "Host: test", "Content-Type: application/json", "Connection: close",
                    "Content-Length: \(body.utf8.count)",
                ] + fields)
            try await wire.write(head + body)
            let answer = try await wire.head()
            return (answer, String(decoding: await wire.rest(), as: UTF8.self))
        }
    }

    /// The value of a metric without labels, or of all its labels together.
    func gauge(_ name: String) -> Int {
        let prefix = PrometheusText.prefix + name
        return self.metrics.prometheusText(probes: []).split(separator: "\n")
            .filter { $0.hasPrefix(prefix + " ") || $0.hasPrefix(prefix + "{") }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }.reduce(0, +)
    }
}

/// Where several tasks meet: nobody goes on before all are there. Can be used again and again.
final class Gathering: Sendable {
    private let size: Int
    private let waiting = Mutex<[CheckedContinuation<Void, Never>]>([])

    init(_ size: Int) {
        self.size = size
    }

    /// - Parameter last: done by the last who comes, before anybody goes on.
    func arrive(_ last: @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            let all = self.waiting.withLock { waiting -> [CheckedContinuation<Void, Never>] in
                waiting.append(continuation)
                guard waiting.count == self.size else { return [] }
                defer { waiting = [] }
                return waiting
            }
            if !all.isEmpty { last() }
            all.forEach { $0.resume() }
        }
    }
}
