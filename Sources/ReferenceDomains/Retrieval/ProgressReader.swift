import GraphQLCore

/// Decides what a reading of a query's hash means, given those before it. A pure value; time comes in.
struct ProgressReader {
    /// The stages in their order, with the share that is done when each begins.
    static let stages: KeyValuePairs<String, Double> = [
        "received": 0, "retrieving": 0.25, "reranking": 0.5, "generating": 0.75, "completed": 1,
    ]
    static let failed = "failed"

    /// What to tell those who watch.
    enum Answer: Equatable {
        /// Nothing has changed.
        case nothing
        case progress(JSONObject)
        /// The last event, then the end.
        case completed(JSONObject)
        case failed(GraphQLError)
    }

    private enum State {
        /// Nothing has been read since then.
        case waiting(since: Duration)
        case seen(fields: [String: [UInt8]], event: JSONObject)
        case over
    }

    private let queryID: String
    private let timeout: Duration
    private let isOwn: @Sendable (JSONObject) -> Bool
    private var state: State
    /// When the store last answered; nil when it never has.
    private var lastAnswer: Duration?

    /// - Parameters:
    ///   - timeout: How long the hash may take to appear, and how long the store may be away.
    ///   - isOwn: Whether fields are the tenant's; those of others are not there.
    init(
        queryID: String, timeout: Duration, now: Duration, isOwn: @escaping @Sendable (JSONObject) -> Bool
    ) {
        self.queryID = queryID
        self.timeout = timeout
        self.isOwn = isOwn
        self.state = .waiting(since: now)
    }

    /// The last event; nil before the first.
    var event: JSONObject? {
        if case .seen(_, let event) = self.state { event } else { nil }
    }

    /// The hash was read; `fields` is empty when it is not there.
    mutating func read(_ fields: [String: [UInt8]], at now: Duration) -> Answer {
        self.lastAnswer = now
        let members = Self.members(fields)
        let isThere = !fields.isEmpty && self.isOwn(members)
        switch self.state {
        case .over:
            return .nothing
        case .waiting(let start) where !isThere:
            guard now - start >= self.timeout else { return .nothing }
            return self.end(
                GraphQLError(
                    message: ClientMessages.unheard(self.timeout.components.seconds),
                    extensions: ["code": "NOT_FOUND"]))
        case .seen where !isThere:
            return self.end(
                GraphQLError(
                    message: ClientMessages.unknownProgress, extensions: ["code": "NOT_FOUND"]))
        case .seen(let known, _) where known == fields:
            return .nothing
        case .waiting, .seen:
            return self.changed(members, fields)
        }
    }

    /// The store could not be asked.
    mutating func readFailed(_ error: GraphQLError, at now: Duration) -> Answer {
        if case .over = self.state { return .nothing }
        guard let lastAnswer = self.lastAnswer, now - lastAnswer < self.timeout else { return self.end(error) }
        return .nothing
    }

    private mutating func changed(_ members: JSONObject, _ fields: [String: [UInt8]]) -> Answer {
        let stage = members["stage"]?.stringValue
        if stage == Self.failed {
            let reason = members["message"]?.stringValue ?? ClientMessages.queryFailed
            return self.end(GraphQLError(message: reason, extensions: ["code": "QUERY_FAILED"]))
        }
        var event = members
        event["query_id"] = .string(self.queryID)
        if event["progress"] == nil, let share = Self.stages.first(where: { $0.key == stage })?.value {
            event["progress"] = .double(share)
        }
        guard stage == "completed" else {
            self.state = .seen(fields: fields, event: event)
            return .progress(event)
        }
        self.state = .over
        return .completed(event)
    }

    private mutating func end(_ error: GraphQLError) -> Answer {
        self.state = .over
        return .failed(error)
    }

    private static func members(_ fields: [String: [UInt8]]) -> JSONObject {
        var members = JSONObject()
        for (name, value) in fields.sorted(by: { $0.key < $1.key }) {
            members[name] = .string(String(decoding: value, as: UTF8.self))
        }
        return members
    }
}
