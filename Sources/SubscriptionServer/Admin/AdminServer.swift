import GraphQLCore
import Logging
package import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// A port for operators: who is connected, ending a connection, and the metrics. Every request needs the token.
///
/// - `GET /connections`: all connections as JSON.
/// - `DELETE /connections/{id}`: ends one (204; 404 when there is none).
/// - `GET /metrics`: as Prometheus reads it.
package final class AdminServer: Service {
    private let host: String
    private let port: Int
    private let token: [UInt8]
    private let server: RealtimeServer
    private let eventLoopGroup: any EventLoopGroup
    private let listening: EventLoopPromise<Int>

    /// - Parameters:
    ///   - port: 0 lets the system choose one.
    ///   - token: what requests bring as `Authorization: Bearer`; not empty.
    package init(
        host: String, port: Int, token: String, server: RealtimeServer,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.host = host
        self.port = port
        self.token = Array(token.utf8)
        self.server = server
        self.eventLoopGroup = eventLoopGroup
        self.listening = eventLoopGroup.any().makePromise()
    }

    deinit {
        // Nothing happens when it was kept.
        self.listening.fail(CancellationError())
    }

    /// The port, once the server listens.
    package func listeningPort() async throws -> Int {
        try await self.listening.futureResult.get()
    }

    /// Serves until a graceful shutdown or the task's cancellation.
    /// - Throws: `RealtimeServer.CannotListen`.
    package func run() async throws {
        let (token, server) = (self.token, self.server)
        let bootstrap = ServerBootstrap(group: self.eventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
                    try channel.pipeline.syncOperations.addHandler(AdminHandler(token: token, server: server))
                }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(host: self.host, port: self.port).get()
        } catch {
            let failure = RealtimeServer.CannotListen(host: self.host, port: self.port, reason: "\(error)")
            self.listening.fail(failure)
            throw failure
        }
        self.listening.succeed(channel.localAddress?.port ?? self.port)
        await withTaskCancellationOrGracefulShutdownHandler {
            try? await channel.closeFuture.get()
        } onCancelOrGracefulShutdown: {
            channel.close(promise: nil)
        }
    }
}

/// Answers one request, and ends the connection with it.
private final class AdminHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let token: [UInt8]
    private let server: RealtimeServer
    private var head: HTTPRequestHead?
    private var deadline: Scheduled<Void>?

    init(token: [UInt8], server: RealtimeServer) {
        self.token = token
        self.server = server
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(10)) {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.deadline?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head = self.head else { return }
            self.head = nil
            self.write(self.answer(head), context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ head: HTTPRequestHead) -> HTTPAnswer {
        guard self.isAllowed(head) else {
            return .text(.unauthorized, "Token needed", fields: [("WWW-Authenticate", "Bearer")])
        }
        let path = head.uri.prefix { $0 != "?" }
        switch (head.method, path) {
        case (.GET, "/metrics"):
            return HTTPAnswer(
                .ok, fields: [("Content-Type", PrometheusText.contentType), ("Cache-Control", "no-store")],
                body: ByteBuffer(string: self.server.prometheusText()))
        case (.GET, "/connections"):
            let connections = self.server.live.all.sorted { $0.id < $1.id }.map { $0.json }
            return HTTPAnswer(
                .ok, fields: [("Content-Type", "application/json; charset=utf-8"), ("Cache-Control", "no-store")],
                body: ByteBuffer(bytes: JSONValue.object(["connections": .array(connections)]).encoded()))
        case (.DELETE, _) where path.hasPrefix("/connections/"):
            let id = UInt64(path.dropFirst("/connections/".count))
            guard let id, self.server.live.end(.byOperator, where: { $0.id == id }) > 0 else {
                return .text(.notFound, "No such connection")
            }
            return HTTPAnswer(.noContent)
        case (_, "/connections"), (_, "/metrics"):
            return .text(.methodNotAllowed, "Only GET", fields: [("Allow", "GET")])
        default:
            return .text(.notFound, "Not found")
        }
    }

    /// Compares in a time that does not tell where the first difference is.
    private func isAllowed(_ head: HTTPRequestHead) -> Bool {
        let fields = head.headers["authorization"]
        guard fields.count == 1, fields[0].lowercased().hasPrefix("bearer ") else { return false }
        let given = Array(fields[0].utf8.dropFirst("bearer ".utf8.count))
        guard given.count == self.token.count else { return false }
        return zip(given, self.token).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func write(_ answer: HTTPAnswer, _ context: ChannelHandlerContext) {
        var headers = HTTPHeaders(answer.fields.map { ($0.name, $0.value) })
        headers.add(name: "Connection", value: "close")
        if answer.status != .noContent {
            headers.add(name: "Content-Length", value: "\(answer.body.readableBytes)")
        }
        context.write(
            self.wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers))),
            promise: nil)
        context.write(self.wrapOutboundOut(.body(.byteBuffer(answer.body))), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }
}
