import NIOCore
import PubSub
import Testing

@testable import RedisPubSub

@Suite("RESP")
struct RESPTests {
    static let stream =
        "+OK\r\n-ERR no\r\n:-42\r\n$5\r\na\r\nb\0\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n*2\r\n:1\r\n*1\r\n$1\r\nx\r\n"
    static let replies: [RESPReply] = [
        .status("OK"), .error("ERR no"), .integer(-42), .bytes(Array("a\r\nb\0".utf8)), .bytes([]), .null, .null,
        .array([]), .array([.integer(1), .array([.bytes([0x78])])]),
    ]

    private func read(_ pieces: [String.UTF8View.SubSequence]) throws -> [RESPReply] {
        let reader = try ReplyReader()
        var replies: [RESPReply] = []
        for piece in pieces {
            try reader.feed(ByteBuffer(bytes: Array(piece)))
            while let reply = try reader.next() { replies.append(reply) }
        }
        return replies
    }

    @Test("Replies are the same however the bytes are split")
    func splits() throws {
        let bytes = Self.stream.utf8
        #expect(try self.read([bytes[...]]) == Self.replies)
        for place in bytes.indices {
            #expect(try self.read([bytes[..<place], bytes[place...]]) == Self.replies)
        }
        #expect(try self.read(bytes.indices.map { bytes[$0...$0] }) == Self.replies)
    }

    @Test("What is no reply is an error", arguments: ["hello\r\n", "?1\r\n", "$-5\r\n", "*-2\r\n"])
    func malformed(text: String) {
        #expect(throws: ReplyReader.ProtocolError.self) { try self.read([text.utf8[...]]) }
    }

    @Test("Commands hold any bytes")
    func commands() throws {
        #expect(RESPCommand.ping.encoded == Array("*1\r\n$4\r\nPING\r\n".utf8))
        #expect(
            RESPCommand.publish([0, 13, 10, 255], to: try ChannelName("ä")).encoded
                == Array("*3\r\n$7\r\nPUBLISH\r\n$2\r\nä\r\n$4\r\n".utf8) + [0, 13, 10, 255, 13, 10])
        #expect(RESPCommand([[], []]).encoded == Array("*2\r\n$0\r\n\r\n$0\r\n\r\n".utf8))
        #expect(
            RESPCommand.publish([], to: try ChannelName("c")).encoded
                == Array("*3\r\n$7\r\nPUBLISH\r\n$1\r\nc\r\n$0\r\n\r\n".utf8))
    }

    @Test("Pending replies keep their order and their bounds")
    func pending() {
        var pending = PendingReplies<Int>(maximumCount: 3, maximumBytes: 100)
        #expect(pending.excess(adding: 1_000_000) == nil)
        pending.append(bytes: 90, deadline: .uptimeNanoseconds(1), 1)
        #expect(pending.excess(adding: 10) == nil)
        #expect(pending.excess(adding: 11)?.code == .overloaded)
        pending.append(bytes: 5, deadline: .uptimeNanoseconds(2), 2)
        pending.append(bytes: 5, deadline: .uptimeNanoseconds(3), 3)
        #expect(pending.excess(adding: 0)?.code == .overloaded)
        #expect(pending.nextDeadline == .uptimeNanoseconds(1))
        #expect(pending.removeFirst() == 1)
        #expect(pending.nextDeadline == .uptimeNanoseconds(2))
        #expect(pending.excess(adding: 90) == nil)
        #expect(pending.removeAll() == [2, 3])
        #expect(pending.isEmpty)
        #expect(pending.removeFirst() == nil)
        #expect(pending.excess(adding: 1_000_000) == nil)
    }
}
