import CProcess
import Glibc
import NIOCore
import NIOPosix

/// One TCP connection of the runner.
struct WireConnection: Sendable {
    /// How many pieces of what is sent in pieces are held apart.
    private static let apart = 100
    /// How long pieces are sent one after the other; what is left then goes in one.
    private static let longest = Duration.milliseconds(800)

    private let channel: any Channel
    private let handler: NIOLoopBound<WireHandler>

    /// Opens TCP; nothing is sent.
    ///
    /// - Parameter source: An address of this machine that the connection comes from; nil for any.
    static func open(
        _ endpoint: Target.Endpoint, session: CaseSession, name: String, key: String?,
        answers: WireHandler.Answers, tls: Profile.TLS, from source: String? = nil, group: any EventLoopGroup
    ) async throws -> WireConnection {
        let loop = group.next()
        var bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(.seconds(5))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.maxMessagesPerRead, value: 16)
            .channelOption(.allowRemoteHalfClosure, value: false)
        if let source { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: source, port: 0)) }
        let security = try endpoint.isSecure ? TLSClient(tls, host: endpoint.host) : nil
        let handler = try await loop.submit {
            NIOLoopBound(
                WireHandler(session: session, name: name, key: key, answers: answers), eventLoop: loop)
        }.get()
        let channel = try await bootstrap.channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                if let security { try channel.pipeline.syncOperations.addHandler(security.handler()) }
                try channel.pipeline.syncOperations.addHandler(handler.value)
            }
        }.connect(host: endpoint.host, port: endpoint.port).get()
        return WireConnection(channel: channel, handler: handler)
    }

    /// Writes the pieces one after the other, each in a TCP segment of its own where the kernel lets us. Does not wait
    /// for the last one to leave. What cannot be written is lost: the connection's end is in the history.
    func send(_ bytes: [UInt8], split: Split?) async {
        guard let split else {
            self.channel.writeAndFlush(self.channel.allocator.buffer(bytes: bytes), promise: nil)
            return
        }
        self.channel.eventLoop.execute { self.handler.value.hold() }
        let pieces = split.pieces(of: bytes)
        let begin = ContinuousClock.now
        do {
            for (index, piece) in pieces.enumerated() {
                // Whoever waits for a request waits for a machine that is busy with other things as well.
                guard begin.duration(to: .now) < Self.longest else {
                    let rest = Array(pieces[index...].joined())
                    try await self.channel.writeAndFlush(self.channel.allocator.buffer(bytes: rest)).get()
                    break
                }
                // A kernel joins what its reader is too slow to fetch.
                if (1...Self.apart).contains(index) { try await Task.sleep(for: .milliseconds(2)) }
                try await self.channel.writeAndFlush(self.channel.allocator.buffer(bytes: piece)).get()
            }
        } catch {
            // What cannot be written is lost.
        }
        self.channel.eventLoop.execute { self.handler.value.release() }
    }

    /// The scenario is about to send a close frame.
    func willSendClose() {
        self.channel.eventLoop.execute { self.handler.value.willSendClose() }
    }

    func setReading(_ isReading: Bool) async {
        try? await self.channel.setOption(.autoRead, value: isReading).get()
    }

    /// The kernel throws away what comes, without acknowledging it, and we send nothing more: the peer cannot tell us
    /// from one whose cable was cut.
    func vanish() async {
        await self.setReading(false)
        let channel = self.channel
        let handler = self.handler
        try? await channel.eventLoop.flatSubmit { () -> EventLoopFuture<Void> in
            handler.value.willCloseLocally()
            guard let options = channel as? any SocketOptionProvider else {
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            return options.unsafeSetSocketOption(
                level: .socket, name: .init(rawValue: SO_ATTACH_FILTER), value: DropFilter())
        }.get()
    }

    /// FIN in our direction; the server's answer is still read.
    func finish() async {
        try? await self.channel.close(mode: .output).get()
    }

    /// RST.
    func reset() async {
        let loop = self.channel.eventLoop
        let channel = self.channel
        let handler = self.handler
        try? await loop.flatSubmit { () -> EventLoopFuture<Void> in
            handler.value.willCloseLocally()
            guard let options = channel as? any SocketOptionProvider else { return channel.close() }
            return options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).flatMap { channel.close() }
        }.get()
    }

    /// Closes TCP, at the end of the case.
    func close() async {
        let handler = self.handler
        let channel = self.channel
        try? await channel.eventLoop.flatSubmit { () -> EventLoopFuture<Void> in
            handler.value.willCloseLocally()
            return channel.close()
        }.get()
    }
}

/// `struct sock_fprog` with the filter that lets nothing in. It points to memory that lives as long as the program.
private struct DropFilter: Sendable {
    private let count: UInt16
    private let padding: (UInt16, UInt16, UInt16) = (0, 0, 0)
    private let filter: UInt

    init() {
        let program = gqc_drop_filter().pointee
        self.count = program.len
        self.filter = UInt(bitPattern: program.filter)
    }
}
