import NIOCore
import NIOPosix
import Synchronization

/// Something that listens like Redis and answers as the test says.
final class FakeRedis: Sendable {
    enum Answer: Sendable {
        /// These bytes, in one piece.
        case bytes(String)
        /// These bytes, one by one.
        case bytewise(String)
        case nothing
        case close
    }

    let port: Int
    private let channel: any Channel
    private let log: CommandLog

    /// All commands so far, over all connections.
    var commands: [[String]] { self.log.all }

    private final class CommandLog: Sendable {
        private let list = Mutex<[[String]]>([])
        var all: [[String]] { self.list.withLock { $0 } }
        func add(_ command: [String]) { self.list.withLock { $0.append(command) } }
    }

    private init(_ channel: any Channel, _ log: CommandLog) {
        self.channel = channel
        self.port = channel.localAddress?.port ?? 0
        self.log = log
    }

    /// Runs the body with a fake that answers each command.
    static func with(
        _ answer: @escaping @Sendable ([String]) -> Answer, _ body: (FakeRedis) async throws -> Void
    ) async throws {
        let log = CommandLog()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Handler { command in
                            log.add(command)
                            return answer(command)
                        })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(FakeRedis(channel, log))
        } catch {
            try await channel.close()
            throw error
        }
        try await channel.close()
    }

    /// What Redis answers to the commands of a link, but for PUBLISH, to which it answers 1.
    static func wellBehaved(_ command: [String]) -> String {
        switch command[0] {
        case "PUBLISH": ":1\r\n"
        case "PING": "+PONG\r\n"
        case "SUBSCRIBE", "UNSUBSCRIBE":
            "*3\r\n$\(command[0].utf8.count)\r\n\(command[0].lowercased())\r\n$\(command[1].utf8.count)\r\n\(command[1])\r\n:1\r\n"
        default: "+OK\r\n"
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let answer: ([String]) -> Answer
        private var text = ""

        init(_ answer: @escaping ([String]) -> Answer) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.text += String(buffer: self.unwrapInboundIn(data))
            while let command = self.next() {
                switch self.answer(command) {
                case .bytes(let reply):
                    context.channel.writeAndFlush(ByteBuffer(string: reply), promise: nil)
                case .bytewise(let reply):
                    for byte in reply.utf8 { context.channel.writeAndFlush(ByteBuffer(bytes: [byte]), promise: nil) }
                case .nothing:
                    break
                case .close:
                    context.close(promise: nil)
                }
            }
        }

        /// The next whole command; arguments hold no line breaks here.
        private func next() -> [String]? {
            let lines = self.text.split(separator: "\r\n", omittingEmptySubsequences: false)
            guard let first = lines.first, first.hasPrefix("*"), let count = Int(first.dropFirst()),
                lines.count > 2 * count + 1
            else { return nil }
            self.text = lines[(2 * count + 1)...].joined(separator: "\r\n")
            return (0..<count).map { String(lines[2 * $0 + 2]) }
        }
    }
}
