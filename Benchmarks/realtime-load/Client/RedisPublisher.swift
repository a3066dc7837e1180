import NIOCore
import NIOPosix

/// Publishes on topics through a connection to Redis of its own, pipelined. Everything is on its loop.
///
/// `@unchecked Sendable`: every stored property but the constants is used on `eventLoop` only.
final class RedisPublisher: @unchecked Sendable {
    private final class Replies: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var lines = 0

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.lines += self.unwrapInboundIn(data).readableBytesView.count { $0 == 0x0A }
        }
    }

    private let prefix: String
    private let eventLoop: any EventLoop
    private let channel: any Channel
    private var numbers: [String: UInt64] = [:]

    /// - Parameter prefix: What stands before a topic in the name of its channel.
    static func connect(port: Int, prefix: String, on eventLoop: any EventLoop) async throws -> RedisPublisher {
        let channel = try await ClientBootstrap(group: eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Replies()) }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RedisPublisher(prefix: prefix, eventLoop: eventLoop, channel: channel)
    }

    private init(prefix: String, eventLoop: any EventLoop, channel: any Channel) {
        self.prefix = prefix
        self.eventLoop = eventLoop
        self.channel = channel
    }

    func close() async throws {
        try? await self.channel.close()
    }

    /// Publishes so many events on each topic, in one write.
    func publish(_ count: Int, on topics: [String]) async throws {
        try await self.eventLoop.flatSubmit { self.write(count, topics) }.get()
    }

    /// Publishes on the topics in turn, at a steady rate, in small writes of a millisecond's worth.
    /// - Returns: How many.
    func publish(perSecond rate: Int, for duration: TimeAmount, on topics: [String]) async throws -> Int {
        try await self.eventLoop.flatSubmit {
            let promise = self.eventLoop.makePromise(of: Int.self)
            let start = NIODeadline.now()
            let sent = NIOLoopBoundBox(0, eventLoop: self.eventLoop)
            self.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(1)) { task in
                let elapsed = min((.now() - start).nanoseconds, duration.nanoseconds)
                let due = Int(elapsed / 1000) * rate / 1_000_000
                if due > sent.value {
                    _ = self.write(1, (sent.value..<due).map { topics[$0 % topics.count] })
                    sent.value = due
                }
                if elapsed == duration.nanoseconds {
                    task.cancel()
                    promise.succeed(sent.value)
                }
            }
            return promise.futureResult
        }.get()
    }

    /// Publishes one event of that number on each topic.
    /// - Throws: when the connection is gone.
    func publish(numbered number: UInt64, on topics: [String]) async throws {
        try await self.eventLoop.flatSubmit {
            var buffer = ByteBuffer()
            let event = EventText(sentAt: NIODeadline.now().uptimeNanoseconds, number: number)
            for topic in topics { self.append(event, topic, to: &buffer) }
            return self.channel.writeAndFlush(buffer)
        }.get()
    }

    /// Publishes events that count as probes.
    func probe(_ topics: [String]) async throws {
        try await self.eventLoop.flatSubmit {
            var buffer = ByteBuffer()
            for topic in topics { self.append(EventText(sentAt: 0, number: 0), topic, to: &buffer) }
            return self.channel.writeAndFlush(buffer)
        }.get()
    }

    private func write(_ count: Int, _ topics: [String]) -> EventLoopFuture<Void> {
        var buffer = ByteBuffer()
        for _ in 0..<count {
            for topic in topics {
                let number = self.numbers[topic, default: 0] + 1
                self.numbers[topic] = number
                self.append(EventText(sentAt: NIODeadline.now().uptimeNanoseconds, number: number), topic, to: &buffer)
            }
        }
        return self.channel.writeAndFlush(buffer)
    }

    private func append(_ event: EventText, _ topic: String, to buffer: inout ByteBuffer) {
        let name = self.prefix + topic
        let text = event.text
        buffer.writeString(
            "*3\r\n$7\r\nPUBLISH\r\n$\(name.utf8.count)\r\n\(name)\r\n$\(text.utf8.count)\r\n\(text)\r\n")
    }
}
