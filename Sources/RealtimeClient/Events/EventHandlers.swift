/// Who wants which events.
struct EventHandlers: Sendable {
    typealias Handler = @Sendable (RealtimeEvent) -> Void

    /// What asks for events of every type.
    static let everyType = "*"

    private var handlers: [(key: Int, type: String, handler: Handler)] = []
    private var nextKey = 0

    /// - Returns: By what it is removed.
    mutating func add(_ type: String, _ handler: @escaping Handler) -> Int {
        defer { self.nextKey += 1 }
        self.handlers.append((self.nextKey, type, handler))
        return self.nextKey
    }

    mutating func remove(_ key: Int) {
        self.handlers.removeAll { $0.key == key }
    }

    mutating func removeAll() {
        self.handlers = []
    }

    /// The handlers for a type, in the order in which they came.
    func handlers(for type: String) -> [Handler] {
        self.handlers.filter { $0.type == type || $0.type == Self.everyType }.map(\.handler)
    }
}
