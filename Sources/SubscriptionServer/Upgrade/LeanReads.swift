import NIOCore

/// Buffers for reading from a client of which nothing stays behind while the client is silent.
///
/// NIO keeps the first buffer of a connection. So that one is small and takes the beginning of the first request
/// only. It would be used again, and grown, where sizes are suggested or a buffer is said to be large enough; here
/// neither is, so that every other buffer is made for one read and goes when that was handled. To be used with one
/// buffer to a pool (`maxMessagesPerRead` of 1), since a larger pool keeps as many. Reads grow with what comes.
struct LeanReads: RecvByteBufferAllocator {
    private static let first = 16
    private static let smallest = 2048
    private static let largest = 65_536

    private var size = Self.first

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: self.size)
    }

    mutating func record(actualReadBytes: Int) -> Bool {
        let isFilled = actualReadBytes >= self.size
        self.size =
            isFilled ? min(max(4 * self.size, Self.smallest), Self.largest) : max(self.size / 2, Self.smallest)
        return true
    }

    func nextBufferSize() -> Int? { nil }
}
