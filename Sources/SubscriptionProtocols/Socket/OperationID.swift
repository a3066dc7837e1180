import GraphQLCore

/// The name that a client gives to one of its operations: any string but the empty one.
///
/// Ids are told apart by their bytes. Swift's own comparison takes differently composed characters for equal, which
/// would make two ids of a client one.
package struct OperationID: Hashable, Sendable {
    private let bytes: ByteString

    /// The id as the client wrote it; nil for the empty string.
    package init?(_ text: String) {
        guard !text.isEmpty else { return nil }
        self.bytes = ByteString(text)
    }

    /// Stands for the id where an operation needs none, for it has its stream to itself.
    package static let only = OperationID(bytes: ByteString("only"))

    private init(bytes: ByteString) {
        self.bytes = bytes
    }

    /// The id as the client wrote it.
    package var text: String { self.bytes.text }
}

/// One operation on one socket, and no other that used its id before or will use it later.
package struct OperationToken: Hashable, Sendable {
    /// The id, which may be used again after the operation has ended.
    package let id: OperationID
    /// Counts the operations of the socket; never used twice on one socket.
    package let generation: UInt64

    package init(id: OperationID, generation: UInt64) {
        self.id = id
        self.generation = generation
    }
}
