import NIOCore
import Testing

@testable import SubscriptionServer

@Suite("Buffers for reading") struct LeanReadsTests {
    /// Reads so many bytes as NIO does, and returns how many would have had room.
    private func read(_ bytes: Int, _ pool: inout NIOPooledRecvBufferAllocator) -> Int {
        let (buffer, room) = pool.buffer(allocator: ByteBufferAllocator()) { buffer in
            let room = buffer.writableBytes
            buffer.writeRepeatingByte(1, count: min(bytes, room))
            return room
        }
        pool.record(actualReadBytes: buffer.readableBytes)
        return room
    }

    @Test("The first is small and is all that is kept; others grow with what comes, and shrink again")
    func sizes() {
        var pool = NIOPooledRecvBufferAllocator(capacity: 1, recvAllocator: LeanReads())
        #expect(self.read(500, &pool) == 16)
        #expect(self.read(500, &pool) == 2048)
        #expect(self.read(500, &pool) == 2048)
        #expect((0..<5).map { _ in self.read(.max, &pool) } == [2048, 8192, 32_768, 65_536, 65_536])
        #expect((0..<7).map { _ in self.read(1, &pool) } == [65_536, 32_768, 16_384, 8192, 4096, 2048, 2048])
        #expect(pool.count == 1)
    }
}
