import Glibc
import NIOCore

/// Two connections that are passed through to each other. Everything happens on one event loop.
final class FaultLink {
    /// One end: reads bytes and hands them to the link.
    final class End: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        /// Let go of when the channel is closed and its pipeline with it.
        private let link: FaultLink
        private let isClient: Bool

        init(_ link: FaultLink, isClient: Bool) {
            self.link = link
            self.isClient = isClient
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.link.take(Array(self.unwrapInboundIn(data).readableBytesView), fromClient: self.isClient)
        }

        func channelInactive(context: ChannelHandlerContext) { self.link.ended(client: self.isClient, isReset: false) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            self.link.ended(client: self.isClient, isReset: (error as? IOError)?.errnoCode == ECONNRESET)
        }

        func channelWritabilityChanged(context: ChannelHandlerContext) { self.link.updateReading() }
    }

    /// More bytes than this wait in one direction only in the kernel.
    private static let mostWaiting = 1 << 20

    private struct Direction {
        var shaper = LinkShaper()
        var waiting = 0
        /// What is yet to happen in this direction, the next first. Timers that are due at one time fire in any order, so
        /// a timer says that something is due, and never what.
        var queue = CircularBuffer<(FaultLink) -> Void>()
        /// The sender is done; the receiver hears of it behind the last piece.
        var isFinishing = false
        /// The sender is done with RST.
        var isReset = false

        mutating func end(isReset: Bool) {
            self.isFinishing = true
            self.isReset = self.isReset || isReset
        }
    }

    let client: any Channel
    private(set) var upstream: (any Channel)?
    private(set) var behaviour: LinkBehaviour
    private var up = Direction()
    private var down = Direction()
    private var isOver = false
    private let onEnd: (FaultLink) -> Void
    /// Told of every piece of a flow that is sliced.
    private let onSlice: (Int) -> Void

    init(
        client: any Channel, behaviour: LinkBehaviour, onSlice: @escaping (Int) -> Void,
        onEnd: @escaping (FaultLink) -> Void
    ) {
        self.onSlice = onSlice
        self.client = client
        self.behaviour = behaviour
        self.onEnd = onEnd
    }

    func connected(to upstream: any Channel) {
        guard !self.isOver else {
            upstream.close(promise: nil)
            return
        }
        self.upstream = upstream
        self.updateReading()
    }

    func set(_ behaviour: LinkBehaviour) {
        self.behaviour = behaviour
        self.updateReading()
    }

    // MARK: Passing on

    func take(_ bytes: [UInt8], fromClient: Bool) {
        guard !self.isOver else { return }
        let now = NIODeadline.now().uptimeNanoseconds
        let flow = fromClient ? self.behaviour.up : self.behaviour.down
        let random = { Double.random(in: 0...1) }
        let (pieces, cuts) =
            fromClient
            ? self.up.shaper.take(bytes, at: now, flow, random: random)
            : self.down.shaper.take(bytes, at: now, flow, random: random)
        if flow.slice != nil { for piece in pieces { self.onSlice(piece.bytes.count) } }
        for piece in pieces { self.pass(piece, now: now, fromClient: fromClient) }
        if cuts {
            self.after(pieces.last?.due ?? now, now: now, fromClient: fromClient) { $0.end(isReset: true) }
        }
        self.updateReading()
    }

    private func pass(_ piece: LinkShaper.Piece, now: UInt64, fromClient: Bool) {
        self.count(piece.bytes.count, fromClient: fromClient)
        self.after(piece.due, now: now, fromClient: fromClient) { link in
            guard let receiver = fromClient ? link.upstream : link.client else { return }
            let bound = NIOLoopBound(link, eventLoop: receiver.eventLoop)
            // It waits until the kernel has it: an end that came before would cut it off.
            receiver.writeAndFlush(ByteBuffer(bytes: piece.bytes)).whenComplete { _ in
                let link = bound.value
                link.count(-piece.bytes.count, fromClient: fromClient)
                link.finishIfDone(fromClient: fromClient)
                link.updateReading()
            }
        }
    }

    private func count(_ change: Int, fromClient: Bool) {
        if fromClient { self.up.waiting += change } else { self.down.waiting += change }
    }

    /// At once if the time has come and nothing waits before it.
    private func after(_ due: UInt64, now: UInt64, fromClient: Bool, _ body: @escaping (FaultLink) -> Void) {
        guard due > now || !(fromClient ? self.up : self.down).queue.isEmpty else {
            body(self)
            return
        }
        if fromClient { self.up.queue.append(body) } else { self.down.queue.append(body) }
        let bound = NIOLoopBound(self, eventLoop: self.client.eventLoop)
        self.client.eventLoop.scheduleTask(in: .nanoseconds(Int64(due > now ? due - now : 0))) {
            let link = bound.value
            let next = fromClient ? link.up.queue.popFirst() : link.down.queue.popFirst()
            next?(link)
        }
    }

    func updateReading() {
        guard let upstream = self.upstream, !self.isOver else { return }
        let reads = !self.behaviour.up.isBlocked && self.up.waiting < Self.mostWaiting && upstream.isWritable
        let answers = !self.behaviour.down.isBlocked && self.down.waiting < Self.mostWaiting && self.client.isWritable
        self.client.setOption(.autoRead, value: reads).whenFailure { _ in }
        upstream.setOption(.autoRead, value: answers).whenFailure { _ in }
    }

    // MARK: Ending

    /// An end takes the way of the bytes before it, RST too, and as long as they would.
    func ended(client: Bool, isReset: Bool) {
        let now = NIODeadline.now().uptimeNanoseconds
        let flow = client ? self.behaviour.up : self.behaviour.down
        self.after(now + flow.latency, now: now, fromClient: client) { link in
            if client { link.up.end(isReset: isReset) } else { link.down.end(isReset: isReset) }
            link.finishIfDone(fromClient: client)
        }
    }

    private func finishIfDone(fromClient: Bool) {
        let direction = fromClient ? self.up : self.down
        if direction.isFinishing, direction.waiting == 0 { self.end(isReset: direction.isReset) }
    }

    /// Ends both connections, with RST if asked for.
    func end(isReset: Bool) {
        guard !self.isOver else { return }
        self.isOver = true
        for channel in [self.client, self.upstream].compactMap({ $0 }) {
            guard isReset, let options = channel as? any SocketOptionProvider else {
                channel.close(promise: nil)
                continue
            }
            options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
        }
        self.onEnd(self)
    }
}
