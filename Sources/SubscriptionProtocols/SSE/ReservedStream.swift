/// The rules of one reservation of the single connection mode of GraphQL over SSE: a stream that is opened once, and
/// the operations whose results travel on it.
///
/// A value without clock, channel or task; `Handle` is what the driver needs to stop an operation. An operation holds
/// its id from `start` until exactly one of: its end was sent (`finish`), the client deleted it, the reservation ended.
/// Whatever comes later for the operation finds its token unknown, also when the id is in use again.
package struct ReservedStream<Handle> {
    /// How far the reservation has come. Each phase is followed only by those after it.
    package enum Phase: Sendable, Hashable {
        /// The token was given out; the stream was not opened yet.
        case reserved
        /// The one stream is open.
        case open
        /// The stream has ended, or was not opened in time; the token is spent.
        case ended
    }

    private struct Operation {
        let generation: UInt64
        /// Nil between `start` and `attach`.
        var handle: Handle?
    }

    /// How far the reservation has come.
    package private(set) var phase = Phase.reserved
    private var operations: [OperationID: Operation] = [:]
    private var lastGeneration: UInt64 = 0

    package init() {}

    /// The number of operations that hold an id.
    package var openOperations: Int { self.operations.count }

    /// The operations that hold an id, in the order in which they were started.
    package var tokens: [OperationToken] {
        self.operations.map { OperationToken(id: $0.key, generation: $0.value.generation) }
            .sorted { $0.generation < $1.generation }
    }

    // MARK: The stream

    package enum OnOpen: Sendable, Hashable {
        /// This is the stream from now on.
        case accept
        /// There is a stream already, which goes on.
        case alreadyOpen
        /// The reservation has ended.
        case gone
    }

    /// A client wants to open the stream.
    package mutating func open() -> OnOpen {
        switch self.phase {
        case .reserved:
            self.phase = .open
            return .accept
        case .open: return .alreadyOpen
        case .ended: return .gone
        }
    }

    /// The time for opening the stream is over. Nil when it was opened or has ended, otherwise the operations to stop.
    package mutating func openingTimedOut() -> [Handle]? {
        guard self.phase == .reserved else { return nil }
        return self.end()
    }

    /// The stream has ended, or the server ends it: so does the reservation. Returns the operations to stop.
    package mutating func end() -> [Handle] {
        self.phase = .ended
        let stopping = self.operations.values.compactMap(\.handle)
        self.operations = [:]
        return stopping
    }

    // MARK: Operations

    package enum OnStart: Sendable, Hashable {
        /// Start the operation, then `attach` what stops it.
        case start(OperationToken)
        /// Another operation holds the id, and goes on.
        case idInUse
        /// The reservation has ended.
        case gone
    }

    /// An operation was requested, and may be started.
    package mutating func start(_ id: OperationID) -> OnStart {
        guard self.phase != .ended else { return .gone }
        guard self.operations[id] == nil else { return .idInUse }
        self.lastGeneration += 1
        self.operations[id] = Operation(generation: self.lastGeneration)
        return .start(OperationToken(id: id, generation: self.lastGeneration))
    }

    /// The operation runs and is stopped with the handle. False when it has ended meanwhile: then stop it now.
    package mutating func attach(_ handle: Handle, to token: OperationToken) -> Bool {
        guard self.isOpen(token) else { return false }
        self.operations[token.id]?.handle = handle
        return true
    }

    /// Whether a `next` of the operation may be sent.
    package func isOpen(_ token: OperationToken) -> Bool {
        self.operations[token.id]?.generation == token.generation
    }

    /// The operation has ended by itself. True exactly once, and only while it is open: then send its `complete`.
    package mutating func finish(_ token: OperationToken) -> Bool {
        guard self.isOpen(token) else { return false }
        self.operations[token.id] = nil
        return true
    }

    package enum OnDelete {
        /// Stop the operation with what stands here, if anything; nothing of it is sent any more, `complete` included,
        /// for the id may be in use again when that arrives.
        case stop(Handle?)
        /// No operation holds the id: it may have ended while the request was on its way.
        case unknown
        /// The reservation has ended.
        case gone
    }

    /// The client does not want the operation any more.
    package mutating func delete(_ id: OperationID) -> OnDelete {
        guard self.phase != .ended else { return .gone }
        guard let operation = self.operations.removeValue(forKey: id) else { return .unknown }
        return .stop(operation.handle)
    }
}
