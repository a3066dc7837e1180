package import NIOCore
import NIOPosix
import Synchronization

/// A TCP proxy on a fixed port of 127.0.0.1 that can do harm: to the links there are, and to new ones.
package final class FaultProxy: Sendable {
    /// Where it listens; the same port all its life.
    package let port: Int
    private let upstream: (host: String, port: Int)
    private let loop: any EventLoop
    private let state: NIOLoopBound<Links>
    private let listener = Mutex<(any Channel)?>(nil)
    private let reservation: PortReservation
    /// TLS on the way on; `nil` passes bytes on as they are.
    private let security: TLSClient?

    /// What lives on the loop.
    private final class Links {
        var behaviour = LinkBehaviour.clear
        var links: [ObjectIdentifier: FaultLink] = [:]
        var largestSlice = 0
        var accepted = 0
    }

    private init(
        _ reservation: PortReservation, upstream: (host: String, port: Int), loop: any EventLoop,
        state: NIOLoopBound<Links>, security: TLSClient?
    ) {
        self.security = security
        self.reservation = reservation
        self.port = reservation.port
        self.upstream = upstream
        self.loop = loop
        self.state = state
    }

    /// Listens on a free port.
    ///
    /// - Parameter tls: Speaks TLS with the upstream and plain TCP with clients; `nil` speaks no TLS of its own.
    package static func start(
        host: String, port: Int, tls: Profile.TLS? = nil,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws -> FaultProxy {
        let security = try tls.map { try TLSClient($0, host: host, protocols: []) }
        let loop = group.next()
        let state = try await loop.submit { NIOLoopBound(Links(), eventLoop: loop) }.get()
        for _ in 0..<5 {
            guard let reservation = PortReservation() else { break }
            let proxy = FaultProxy(reservation, upstream: (host, port), loop: loop, state: state, security: security)
            if (try? await proxy.listen()) != nil { return proxy }
        }
        throw HarnessError("No free port could be found for a proxy to \(host):\(port).")
    }

    /// The links there are.
    package var count: Int {
        get async { (try? await self.loop.submit { self.state.value.links.count }.get()) ?? 0 }
    }

    /// The largest piece that was passed on since bytes are sliced; 0 if there was none.
    var largestSlice: Int {
        get async { (try? await self.loop.submit { self.state.value.largestSlice }.get()) ?? 0 }
    }

    /// How many connections it has ever accepted.
    package var accepted: Int {
        get async { (try? await self.loop.submit { self.state.value.accepted }.get()) ?? 0 }
    }

    /// Changes what happens to the bytes of all links, those there are and new ones.
    package func set(_ behaviour: LinkBehaviour) async {
        _ = try? await self.loop.submit {
            self.state.value.behaviour = behaviour
            self.state.value.largestSlice = 0
            for link in self.state.value.links.values { link.set(behaviour) }
        }.get()
    }

    /// Ends every link with RST, at once, idle ones too. Gives their number.
    @discardableResult
    package func resetLinks() async -> Int {
        (try? await self.loop.submit {
            let links = Array(self.state.value.links.values)
            for link in links { link.end(isReset: true) }
            return links.count
        }.get()) ?? 0
    }

    /// Stops listening, so that connections are refused, and ends those there are.
    package func refuse() async {
        let channel = self.listener.withLock { listener in
            let channel = listener
            listener = nil
            return channel
        }
        try? await channel?.close()
        await self.resetLinks()
    }

    /// Listens again.
    package func accept() async throws {
        guard self.listener.withLock({ $0 == nil }) else { return }
        try await self.listen()
    }

    /// The end: nothing listens, and every link is cut.
    package func stop() async { await self.refuse() }

    private func listen() async throws {
        let channel = try await ServerBootstrap(group: self.loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                // The children of a single loop live on it.
                channel.eventLoop.makeCompletedFuture { try self.begin(channel) }
            }
            .bind(host: "127.0.0.1", port: self.port).get()
        self.listener.withLock { $0 = channel }
    }

    private func begin(_ client: any Channel) throws {
        let links = self.state.value
        links.accepted += 1
        let link = FaultLink(
            client: client, behaviour: links.behaviour,
            onSlice: { links.largestSlice = max(links.largestSlice, $0) },
            onEnd: { link in links.links[ObjectIdentifier(link)] = nil })
        links.links[ObjectIdentifier(link)] = link
        try client.pipeline.syncOperations.addHandler(FaultLink.End(link, isClient: true))
        let bound = NIOLoopBound(link, eventLoop: self.loop)
        let security = self.security
        var bootstrap = ClientBootstrap(group: self.loop)
        if let source = self.source(of: client) { bootstrap = bootstrap.bind(to: source) }
        bootstrap
            .connectTimeout(.seconds(5))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let security { try channel.pipeline.syncOperations.addHandler(security.handler()) }
                    try channel.pipeline.syncOperations.addHandler(FaultLink.End(bound.value, isClient: false))
                }
            }
            .connect(host: self.upstream.host, port: self.upstream.port)
            .whenComplete { result in
                switch result {
                case .success(let channel): bound.value.connected(to: channel)
                // Nobody is there: the nearest that an accepted connection comes to being refused.
                case .failure: bound.value.end(isReset: true)
                }
            }
    }

    /// The address of this machine, other than the usual one, that a client comes from: a server that counts addresses has
    /// to see it also behind the proxy. `nil` where any address will do, or no other than the usual one leads there.
    private func source(of client: any Channel) -> SocketAddress? {
        guard let address = client.remoteAddress?.ipAddress, address.hasPrefix("127."), address != "127.0.0.1",
            self.upstream.host == "localhost" || self.upstream.host.hasPrefix("127.")
        else { return nil }
        return try? SocketAddress(ipAddress: address, port: 0)
    }
}
