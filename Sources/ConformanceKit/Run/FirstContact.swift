import NIOCore
import NIOPosix

/// The first word with a server that the run did not start, before anything is played: where nobody listens, or nobody
/// answers, all cases would say the same at length.
package struct FirstContact: Sendable {
    /// Looked at in this order; one endpoint is enough for each host and port.
    private static let order = ["transport-ws", "legacy-ws", "http", "sse"]

    private let target: Target
    private let patience: Duration
    private let note: @Sendable (String) -> Void

    /// - Parameters:
    ///   - patience: How long a first answer may take.
    ///   - note: Told what is waited for, once it takes more than a second.
    package init(_ target: Target, patience: Duration = .seconds(8), note: @escaping @Sendable (String) -> Void) {
        self.target = target
        self.patience = patience
        self.note = note
    }

    /// Waits until the server has said anything at each of its addresses.
    ///
    /// - Throws: If there is no connection or no answer.
    package func make() async throws(HarnessError) {
        var seen: Set<String> = []
        for transport in Self.order {
            guard let endpoint = self.target.endpoints[transport], seen.insert(endpoint.authority).inserted else {
                continue
            }
            let asked = Self.asked(endpoint, transport)
            // So long nobody at a terminal wonders; an answer ends the wait by cancelling it.
            let waiting = Task {
                guard (try? await Task.sleep(for: .seconds(1))) != nil else { return }
                self.note("waiting for \(self.target.name): \(asked) has no answer yet")
            }
            defer { waiting.cancel() }
            let isAnswered: Bool
            do {
                isAnswered = try await self.ask(endpoint, transport)
            } catch {
                throw HarnessError(
                    "\(self.target.name) cannot be reached at \(endpoint.authority): \(Self.brief("\(error)")).")
            }
            if Task.isCancelled { throw HarnessError("\(self.target.name) had not answered yet: nothing was played.") }
            guard isAnswered else {
                let seconds = Int(self.patience.inSeconds.rounded(.up))
                throw HarnessError(
                    "\(self.target.name) does not answer: \(endpoint.authority) takes connections, and \(asked) got no answer within \(seconds) s."
                )
            }
        }
    }

    private static func asked(_ endpoint: Target.Endpoint, _ transport: String) -> String {
        guard transport.hasSuffix("-ws") else { return "a request to \(endpoint.url())" }
        return "an upgrade at \(endpoint.isSecure ? "wss" : "ws")://\(endpoint.authority)\(endpoint.path)"
    }

    private func ask(_ endpoint: Target.Endpoint, _ transport: String) async throws -> Bool {
        try await Self.isAnswered(
            Self.request(endpoint, transport), at: endpoint.host, endpoint.port,
            tls: endpoint.isSecure ? self.target.declared.tls : nil, patience: self.patience)
    }

    /// Whether anything comes back for these bytes, and be it the end of the connection.
    ///
    /// - Parameter tls: `nil` for plain TCP.
    static func isAnswered(
        _ bytes: [UInt8], at host: String, _ port: Int, tls: Profile.TLS?, patience: Duration
    ) async throws -> Bool {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let answer = loop.makePromise(of: Bool.self)
        let security: TLSClient?
        do {
            security = try tls.map { try TLSClient($0, host: host, protocols: []) }
        } catch {
            answer.succeed(false)
            throw error
        }
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: loop)
                .connectTimeout(.seconds(5))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        if let security { try channel.pipeline.syncOperations.addHandler(security.handler()) }
                        try channel.pipeline.syncOperations.addHandler(Listener(answer))
                    }
                }
                .connect(host: host, port: port).get()
        } catch {
            answer.succeed(false)
            throw error
        }
        let timer = loop.scheduleTask(in: .nanoseconds(Int64(patience.inSeconds * 1e9))) { answer.succeed(false) }
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        defer { channel.close(promise: nil) }
        let isAnswered = try await withTaskCancellationHandler {
            try await answer.futureResult.get()
        } onCancel: {
            answer.succeed(true)
        }
        timer.cancel()
        return isAnswered
    }

    private static func request(_ endpoint: Target.Endpoint, _ transport: String) -> [UInt8] {
        guard !transport.hasSuffix("-ws") else {
            return UpgradeRequest(StepPlayer.plainConnection("first", transport), endpoint: endpoint).bytes
        }
        let head = "GET \(endpoint.path) HTTP/1.1\r\nHost: \(endpoint.authority)\r\nConnection: close\r\n\r\n"
        return Array(head.utf8)
    }

    /// What the operating system said, without the words that libraries put around it.
    static func brief(_ reason: String) -> String {
        if reason.contains("CERTIFICATE_VERIFY_FAILED") {
            return "its certificate is not one that tls.ca of the profile vouches for"
        }
        let known = ["Connection refused", "No route to host", "Network is unreachable", "Connection timed out"]
        return known.first { reason.contains($0) }?.lowercased() ?? reason
    }

    /// Hears the first bytes.
    private final class Listener: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let answer: EventLoopPromise<Bool>

        init(_ answer: EventLoopPromise<Bool>) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { self.answer.succeed(true) }

        func channelInactive(context: ChannelHandlerContext) { self.answer.succeed(true) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { self.answer.fail(error) }
    }
}
