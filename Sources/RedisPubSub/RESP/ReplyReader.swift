import CHiredis
import NIOCore

/// Cuts the bytes of one connection into replies, with the reader of hiredis.
///
/// Bytes may come in any pieces. After an error the connection is of no use any more.
final class ReplyReader {
    /// The bytes are not the Redis protocol.
    struct ProtocolError: Error {
        let message: String
    }

    private let reader: UnsafeMutablePointer<redisReader>

    /// - Throws: `ProtocolError` when there is no memory for a reader.
    init() throws(ProtocolError) {
        guard let reader = redisReaderCreate() else { throw ProtocolError(message: "out of memory") }
        self.reader = reader
    }

    deinit {
        redisReaderFree(self.reader)
    }

    /// Adds the readable bytes, which are copied.
    func feed(_ buffer: ByteBuffer) throws(ProtocolError) {
        let status = buffer.withUnsafeReadableBytes { bytes in
            redisReaderFeed(self.reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
        }
        guard status == REDIS_OK else { throw self.error }
    }

    /// The next whole reply, or nil when more bytes are needed.
    func next() throws(ProtocolError) -> RESPReply? {
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(self.reader, &reply) == REDIS_OK else { throw self.error }
        guard let reply else { return nil }
        defer { freeReplyObject(reply) }
        return Self.copy(reply.assumingMemoryBound(to: redisReply.self).pointee)
    }

    private var error: ProtocolError {
        let message = withUnsafeBytes(of: self.reader.pointee.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return ProtocolError(message: message)
    }

    private static func copy(_ reply: redisReply) -> RESPReply {
        switch reply.type {
        case REDIS_REPLY_STRING:
            .bytes(Array(self.bytes(of: reply)))
        case REDIS_REPLY_ARRAY:
            .array((0..<Int(reply.elements)).map { reply.element[$0].map { self.copy($0.pointee) } ?? .null })
        case REDIS_REPLY_INTEGER:
            .integer(Int64(reply.integer))
        case REDIS_REPLY_STATUS:
            .status(String(decoding: self.bytes(of: reply), as: UTF8.self))
        case REDIS_REPLY_ERROR:
            .error(String(decoding: self.bytes(of: reply), as: UTF8.self))
        default:
            .null
        }
    }

    private static func bytes(of reply: redisReply) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: reply.str, count: Int(reply.len))
    }
}
