import NIOCore
import PubSub

/// One connection to Redis: pipelines commands, matches replies, and notices when Redis no longer answers.
///
/// It belongs to its channel's event loop and is used there only. Replies are RESP2: the reader of hiredis 0.14, which
/// Debian 12 has, knows no other version, and every Redis speaks it to clients that do not ask for more.
///
/// There is one rule for a Redis that hangs, is paused or is cut off without a word: when the oldest command has had no
/// answer for `commandTimeout`, the link is closed. A PING keeps a command under way at least every `pingInterval`.
final class RedisLink: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    typealias Completion = (Result<RESPReply, BusError>) -> Void

    private let role: LinkRole
    private let configuration: RedisBusConfiguration
    /// Called with channel and message, for the subscriber link.
    private let onMessage: ([UInt8], [UInt8]) -> Void
    /// Called with the channel when a node of a cluster ended a subscription by itself.
    private let onTaken: ([UInt8]) -> Void
    /// Called once when the link is gone, after the last completion.
    private var onClose: ((BusError) -> Void)?

    private let reader: ReplyReader
    private var pending: PendingReplies<Completion>
    private var context: ChannelHandlerContext?
    private var deadlineTimer: Scheduled<Void>?
    private var pingTimer: Scheduled<Void>?
    /// Commands of this turn of the loop, to go out together: thousands of writes would leave room for as many behind.
    private var unsent = ByteBuffer()
    /// Why we closed the link; nil as long as we have not.
    private var reason: BusError?

    init(
        role: LinkRole,
        configuration: RedisBusConfiguration,
        onMessage: @escaping ([UInt8], [UInt8]) -> Void,
        onTaken: @escaping ([UInt8]) -> Void,
        onClose: @escaping (BusError) -> Void
    ) throws {
        self.role = role
        self.configuration = configuration
        self.onMessage = onMessage
        self.onTaken = onTaken
        self.onClose = onClose
        self.reader = try ReplyReader()
        self.pending = PendingReplies(
            maximumCount: configuration.maximumPendingCommands, maximumBytes: configuration.maximumPendingBytes)
    }

    // MARK: Commands

    /// Sends a command. The completion is called exactly once, possibly before this returns.
    ///
    /// - Parameter isBounded: Whether the command is refused with `overloaded` when too much waits already. Those that
    ///   clients cause are; our own, of which there are a few for each channel, must not be lost.
    func send(_ command: RESPCommand, isBounded: Bool = false, _ completion: @escaping Completion) {
        guard let context = self.context, self.reason == nil else {
            return completion(.failure(self.reason ?? Self.notConnected))
        }
        if isBounded, let excess = self.pending.excess(adding: command.encoded.count) {
            return completion(.failure(excess))
        }
        let deadline = context.eventLoop.now + TimeAmount(self.configuration.commandTimeout)
        self.pending.append(
            bytes: command.encoded.count, deadline: deadline, subject: command.subject, completion)
        if self.unsent.readableBytes == 0 { self.scheduleFlush(context) }
        self.unsent.writeBytes(command.encoded)
        self.armDeadline(context)
    }

    /// Signs in and names the link. The completion says whether the link can be used.
    func handshake(_ completion: @escaping (Result<Void, BusError>) -> Void) {
        let url = self.configuration.url
        var failure: BusError?
        if let password = url.password {
            let command = url.user.map { RESPCommand("AUTH", $0, password) } ?? RESPCommand("AUTH", password)
            self.send(command) { failure = failure ?? Self.failure(of: $0, to: "AUTH", repeatsDetails: false) }
        }
        if url.database != 0 {
            self.send(RESPCommand("SELECT", String(url.database))) {
                failure = failure ?? Self.failure(of: $0, to: "SELECT", repeatsDetails: true)
            }
        }
        if url.sentinels != nil {
            self.send(RESPCommand("ROLE")) { failure = failure ?? Self.failure(ofRole: $0) }
        }
        self.send(RESPCommand("CLIENT", "SETNAME", "\(self.configuration.clientName)-\(self.role.suffix)")) { reply in
            failure = failure ?? Self.failure(of: reply, to: "CLIENT SETNAME", repeatsDetails: true)
            if let failure {
                completion(.failure(failure))
                self.close(failure)
            } else {
                completion(.success(()))
                self.armPing()
            }
        }
    }

    /// Closes the link, for the given reason.
    func close(_ reason: BusError) {
        guard self.reason == nil else { return }
        self.reason = reason
        self.context?.close(promise: nil)
    }

    /// - Parameter repeatsDetails: Whether the words of Redis go into the error. For AUTH they do not, since Redis may
    ///   repeat the arguments of a command that it does not know; the error's first word says enough.
    private static func failure(
        of reply: Result<RESPReply, BusError>, to command: String, repeatsDetails: Bool
    ) -> BusError? {
        switch reply {
        case .failure(let error): error
        case .success(.error(let text)):
            BusError(
                .refused,
                "Redis answered \(command) with \(repeatsDetails ? text : String(text.prefix { $0 != " " }))")
        case .success: nil
        }
    }

    /// Sentinels may tell of a primary that is none any more, or not yet.
    private static func failure(ofRole reply: Result<RESPReply, BusError>) -> BusError? {
        guard case .success(.array(let parts)) = reply, let role = parts.first?.asBytes else {
            return self.failure(of: reply, to: "ROLE", repeatsDetails: true)
                ?? BusError(.refused, "Redis answered ROLE with no role")
        }
        guard !role.elementsEqual("master".utf8) else { return nil }
        return BusError(
            .unavailable,
            "the Redis that Sentinel told of is no primary, its role is \(String(decoding: role, as: UTF8.self))")
    }

    private func scheduleFlush(_ context: ChannelHandlerContext) {
        context.eventLoop.assumeIsolated().execute {
            let commands = self.unsent
            self.unsent = ByteBuffer()
            self.context?.writeAndFlush(self.wrapOutboundOut(commands), promise: nil)
        }
    }

    // MARK: Timers

    /// One timer for all commands: it fires when the oldest is due, and is set again for the then oldest.
    private func armDeadline(_ context: ChannelHandlerContext) {
        guard self.configuration.deviation != .hangUnnoticed else { return }
        guard self.deadlineTimer == nil, let deadline = self.pending.nextDeadline else { return }
        self.deadlineTimer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.deadlineTimer = nil
            guard let context = self.context, let next = self.pending.nextDeadline else { return }
            if next <= context.eventLoop.now {
                let waited = self.configuration.commandTimeout
                self.close(BusError(.timedOut, "Redis at \(self.configuration.url) gave no answer for \(waited)"))
            } else {
                self.armDeadline(context)
            }
        }
    }

    private func armPing() {
        guard let context = self.context, self.configuration.deviation != .hangUnnoticed else { return }
        let interval = TimeAmount(self.configuration.pingInterval)
        self.pingTimer = context.eventLoop.assumeIsolated().scheduleTask(in: interval) {
            // A command under way is as good a question as PING.
            guard self.pending.isEmpty else { return self.armPing() }
            self.send(.ping) { reply in
                if case .success = reply { self.armPing() }
            }
        }
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.finish()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.finish()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.reason == nil else { return }
        do {
            try self.reader.feed(self.unwrapInboundIn(data))
            while self.reason == nil, let reply = try self.reader.next() {
                self.received(reply)
            }
        } catch {
            self.close(
                BusError(.unavailable, "Redis at \(self.configuration.url) sent no valid reply: \(error.message)"))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.close(BusError(.unavailable, "the link to Redis at \(self.configuration.url) broke: \(error)"))
    }

    private func received(_ reply: RESPReply) {
        if self.role == .subscriber, case .array(let parts) = reply, parts.count == 3,
            parts[0].asBytes.map({ $0.elementsEqual("message".utf8) }) == true,
            let channel = parts[1].asBytes, let message = parts[2].asBytes
        {
            return self.onMessage(channel, message)
        }
        if self.role == .subscriber, self.configuration.isSharded {
            switch ShardReply(reply, awaiting: self.pending.nextSubject) {
            case .message(let channel, let message): return self.onMessage(channel, message)
            case .taken(let channel): return self.onTaken(channel)
            case .stale: return
            case .answer: break
            }
        }
        guard let completion = self.pending.removeFirst() else {
            return self.close(
                BusError(.unavailable, "Redis at \(self.configuration.url) sent a reply nobody asked for"))
        }
        completion(.success(reply))
    }

    private func finish() {
        guard let onClose = self.onClose else { return }
        self.onClose = nil
        self.context = nil
        self.deadlineTimer?.cancel()
        self.pingTimer?.cancel()
        let reason = self.reason ?? BusError(.unavailable, "Redis at \(self.configuration.url) closed the link")
        self.reason = reason
        for completion in self.pending.removeAll() {
            completion(.failure(reason))
        }
        onClose(reason)
    }

    private static let notConnected = BusError(.unavailable, "there is no link to Redis")
}

/// What a link is for. In RESP2 a link with subscriptions takes few other commands, so there are two.
enum LinkRole: String, Sendable {
    case command
    case subscriber

    /// The end of the link's name at Redis.
    var suffix: String { self == .command ? "cmd" : "sub" }
}
