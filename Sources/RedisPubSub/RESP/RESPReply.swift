/// One reply of Redis, in version 2 of its protocol, copied out of the reader.
enum RESPReply: Sendable, Equatable {
    /// `+OK`
    case status(String)
    /// `-ERR …`, without the minus sign
    case error(String)
    case integer(Int64)
    case bytes([UInt8])
    case null
    case array([RESPReply])

    /// The bytes of a bulk string, or nil for anything else.
    var asBytes: [UInt8]? {
        if case .bytes(let bytes) = self { bytes } else { nil }
    }
}
