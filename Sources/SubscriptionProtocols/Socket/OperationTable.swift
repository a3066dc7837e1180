/// The operations of one socket by their ids: which are open, and what stops each.
///
/// An operation holds its id from `open` until `close` or `finish`. Whatever comes later for it finds its token unknown,
/// also when the id is in use again.
struct OperationTable<Handle> {
    private struct Operation {
        let generation: UInt64
        /// Nil between `open` and `attach`.
        var handle: Handle?
    }

    private var operations = SmallDictionary<OperationID, Operation>()
    private var lastGeneration: UInt64 = 0
    private let limit: Int

    /// - Parameter limit: how many operations may be open at a time, inclusive.
    init(limit: Int) {
        self.limit = limit
    }

    /// The number of operations that hold an id.
    var count: Int { self.operations.count }

    /// Whether an operation holds the id.
    func isInUse(_ id: OperationID) -> Bool { self.operations[id] != nil }

    /// Gives the id to a new operation; it must not be in use. Nil when there are too many operations.
    mutating func open(_ id: OperationID) -> OperationToken? {
        guard self.operations.count < self.limit else { return nil }
        self.lastGeneration += 1
        self.operations[id] = Operation(generation: self.lastGeneration)
        return OperationToken(id: id, generation: self.lastGeneration)
    }

    /// The operation runs and is stopped with the handle. False when it has ended meanwhile.
    mutating func attach(_ handle: Handle, to token: OperationToken) -> Bool {
        guard self.isOpen(token) else { return false }
        self.operations[token.id] = Operation(generation: token.generation, handle: handle)
        return true
    }

    /// Whether the operation still holds its id.
    func isOpen(_ token: OperationToken) -> Bool {
        self.operations[token.id]?.generation == token.generation
    }

    /// Ends an operation by its token; true exactly once, and only while it is open.
    mutating func finish(_ token: OperationToken) -> Bool {
        guard self.isOpen(token) else { return false }
        self.operations.remove(token.id)
        return true
    }

    enum OnClose {
        /// No operation holds the id.
        case unknown
        /// The id is free; the handle stops the operation, unless it has none yet.
        case closed(Handle?)
    }

    /// Ends whatever operation holds the id.
    mutating func close(_ id: OperationID) -> OnClose {
        guard let operation = self.operations.remove(id) else { return .unknown }
        return .closed(operation.handle)
    }

    /// The open operations, in no order, and what stops each, unless it has nothing yet.
    var all: [(token: OperationToken, handle: Handle?)] {
        self.operations.map { id, operation in
            (OperationToken(id: id, generation: operation.generation), operation.handle)
        }
    }

    /// Ends every operation. Returns what stops them.
    mutating func closeAll() -> [Handle] {
        defer { self.operations = SmallDictionary() }
        return self.operations.map { $1.handle }.compactMap { $0 }
    }
}
