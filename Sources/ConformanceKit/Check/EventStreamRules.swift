/// What every event stream of a server has to keep to (GraphQL over SSE; WHATWG HTML §9.2.6).
struct EventStreamRules {
    private let connection: ConnectionState
    private var problems: [MessageProblem] = []

    static func problems(of connection: ConnectionState) -> [MessageProblem] {
        guard connection.exchanges.values.contains(where: { $0.isEventStream && $0.sent.plain != true }) else {
            return []
        }
        var rules = EventStreamRules(connection: connection)
        for (sequence, row, text) in connection.streamProblems {
            // A byte order mark is tolerated by every reader.
            rules.problems.append(
                MessageProblem(
                    sequence: sequence, rows: [row], message: text, actual: "stream: \(text)",
                    verdict: row == "event-stream/no-bom" ? .nonstrict : .fail))
        }
        rules.checkMessages()
        rules.checkEnds()
        return rules.problems
    }

    private init(connection: ConnectionState) { self.connection = connection }

    private mutating func add(_ item: ConnectionState.Item, _ row: String, _ message: String) {
        self.problems.append(
            MessageProblem(sequence: item.sequence, rows: ["sse/\(row)"], message: message, actual: item.summary))
    }

    private var isShared: Bool { self.connection.exchanges.values.contains { $0.sent.role == .shared } }

    private mutating func checkMessages() {
        var open: [[UInt8]: Int] = [:]
        var uncertain: Set<[UInt8]> = []
        var sent = self.connection.sent[...]
        let isShared = self.isShared
        for item in self.connection.items {
            while let next = sent.first, next.sequence < item.sequence {
                sent = sent.dropFirst()
                guard let id = next.id.map({ Array($0.utf8) }) else { continue }
                if next.type == "complete" { uncertain.insert(id) } else { open[id, default: 0] += 1 }
            }
            guard case .message(let message) = item.content, let type = item.type else { continue }
            if type == "refused" {
                if let id = item.id.map({ Array($0.utf8) }) { open[id, default: 1] -= 1 }
                continue
            }
            guard type == "next" || type == "complete" else {
                self.add(item, "events-only-next-complete", "an event is called `\(type.prefix(40))`")
                continue
            }
            self.checkShape(item, type, message, isShared: isShared)
            guard let id = item.id.map({ Array($0.utf8) }) else { continue }
            if open[id] == nil, isShared {
                self.add(item, "single-envelope", "an event for the id `\(item.id ?? "")`, which was never used")
            } else if open[id] ?? 1 <= 0, !uncertain.contains(id) {
                self.add(item, "complete-once", "an event for an operation that the server had completed")
            }
            if type == "complete" { open[id, default: 1] -= 1 }
        }
    }

    private mutating func checkShape(
        _ item: ConnectionState.Item, _ type: String, _ message: JSON, isShared: Bool
    ) {
        if isShared, message["id"]?.stringValue == nil {
            self.add(item, "single-envelope", "`\(type)` on a shared stream has no id in its data")
        }
        guard type == "next" else { return }
        guard message["data"] == nil else {
            self.add(item, "next-data-json", "the data of `next` is no JSON")
            return
        }
        if !isShared, let payload = message["payload"], payload["id"] != nil, payload["payload"] != nil {
            self.add(item, "distinct-data-is-result", "the result of a stream of its own stands in an envelope")
        } else if let problem = TransportWSShape.result(message["payload"]) {
            self.add(item, "result-shape", problem.message)
        }
    }

    /// A stream that the server ends says so with `complete` before.
    private mutating func checkEnds() {
        for exchange in self.connection.exchanges.values.sorted(by: { $0.sequence < $1.sequence }) {
            guard exchange.isEventStream, exchange.sent.role == .distinct, exchange.leftAt == nil,
                let (end, sequence) = exchange.end, end.kind != .local, sequence < self.connection.leftAt ?? .max
            else { continue }
            let id = exchange.sent.operation ?? ""
            let isComplete = self.connection.items.contains {
                $0.type == "complete" && $0.hasID(id) && $0.sequence > exchange.sequence && $0.sequence <= sequence
            }
            let isExpected = self.connection.items.contains { $0.sequence == sequence && $0.isConsumed }
            if !isComplete, !isExpected {
                self.problems.append(
                    MessageProblem(
                        sequence: sequence, rows: ["sse/complete-once"],
                        message: "the stream of `\(id)` ended without `complete`",
                        actual: "end: \(end.kind.rawValue) \(end.detail)", isAboutEnd: true))
            } else if isComplete, end.kind != .clean, !isExpected {
                self.problems.append(
                    MessageProblem(
                        sequence: sequence, rows: ["event-stream/clean-end"],
                        message: "the response was cut off instead of ended", actual: "end: \(end.kind.rawValue)",
                        verdict: .nonstrict, isAboutEnd: true))
            }
        }
    }
}
