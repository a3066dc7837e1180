import NIOCore
import NIOPosix
import Synchronization

/// Brings faults about for one case, and takes them away again. A fault counts when a canary has seen it.
final class FaultController: Sendable {
    /// Why a fault could not be brought about or taken away.
    struct Failure: Error {
        var message: String
        /// Whether this run has not the means for it, which says nothing of the server.
        var isBeyondUs = false
    }

    private struct Active {
        var arguments: FaultArguments
        /// On the run's clock, in nanoseconds.
        var since: UInt64
    }

    private struct State {
        var active: [String: Active] = [:]
        var link: FaultProxy?
    }

    /// A canary has to see a fault, and its end, in this time; nanoseconds.
    static let patience: UInt64 = 1_000_000_000
    /// How long one look waits for an answer.
    static let look: UInt64 = 250_000_000

    let target: Target
    private let oracle: RedisOracle?
    let now: @Sendable () -> UInt64
    private let state = Mutex(State())

    init(target: Target, oracle: RedisOracle?, now: @escaping @Sendable () -> UInt64) {
        self.target = target
        self.oracle = oracle
        self.now = now
    }

    /// The proxy that connections with `via: link` go through; made when it is first needed.
    func link(to endpoint: Target.Endpoint) async throws -> FaultProxy {
        if let link = self.state.withLock({ $0.link }) { return link }
        let made = try await FaultProxy.start(host: endpoint.host, port: endpoint.port)
        let kept = self.state.withLock { state in
            if let link = state.link { return link }
            state.link = made
            return made
        }
        if kept !== made { await made.stop() }
        return kept
    }

    /// When a fault is over at the earliest; nil if it lasts until it is healed or does not exist.
    func end(of name: String) -> UInt64? {
        self.state.withLock { state in
            state.active[name].flatMap { active in active.arguments.duration.map { active.since + $0 } }
        }
    }

    var activeNames: [String] {
        self.state.withLock { state in
            state.active.sorted { $0.value.since < $1.value.since }.map(\.key)
        }
    }

    // MARK: Bringing about

    /// Returns when the fault was seen.
    func begin(_ arguments: FaultArguments) async throws(Failure) {
        guard !self.state.withLock({ $0.active[arguments.name] != nil }) else {
            throw Failure(message: "the fault `\(arguments.name)` is there already")
        }
        // Noted first: also a fault that half happened is taken away.
        let since = self.now()
        self.state.withLock { $0.active[arguments.name] = Active(arguments: arguments, since: since) }
        switch arguments.target {
        case .redis: try await self.beginRedis(arguments)
        case .link: try await self.beginLink(arguments)
        case .server: try await self.beginServer(arguments)
        }
    }

    private func beginRedis(_ arguments: FaultArguments) async throws(Failure) {
        switch arguments.effect {
        case .kill(let keepsData):
            guard let redis = self.target.control.redis else { throw Self.notOurs("Redis") }
            guard await redis.kill(keepsData) else { throw Failure(message: "Redis could not be ended") }
            // A proxy that went on accepting would hide that nobody is there.
            await self.target.control.redisProxy?.refuse()
            try await self.seeGone(redis) { self.redisCanary() }
        case .hang:
            guard let redis = self.target.control.redis else { throw Self.notOurs("Redis") }
            guard await redis.freeze() else { throw Failure(message: "Redis could not be stopped") }
            try await self.see("silent") { $0 == .silent }
        case .dropPubSub:
            try await self.dropSubscribers()
        case .stop:
            guard let redis = self.target.control.redis, let stop = redis.stop else { throw Self.notOurs("Redis") }
            guard await stop() else { throw Failure(message: "Redis could not be asked to end") }
            try await self.seeGone(redis) { self.redisCanary() }
        case .pause:
            guard let oracle = self.oracle else { throw Failure(message: "the profile has no redis") }
            let milliseconds = Int((arguments.duration ?? 0) / 1_000_000)
            if case .failure(let failure) = await oracle.pause(milliseconds: milliseconds) {
                throw Failure(message: failure.message)
            }
            try await self.see("silent") { $0 == .silent }
        default:
            if let redis = self.target.control.redis, redis.container != nil {
                let place = Place(name: "Redis", port: redis.container?.port ?? 6379) { self.redisCanary(padding: $0) }
                return try await self.begin(arguments.effect, at: redis, place)
            }
            guard let proxy = self.target.control.redisProxy else {
                throw Failure(message: "no proxy of the run stands before Redis", isBeyondUs: true)
            }
            try await self.harm(proxy, arguments.effect) { padding in
                self.redisCanary(padding: padding)
            }
        }
    }

    private func beginLink(_ arguments: FaultArguments) async throws(Failure) {
        guard let proxy = self.state.withLock({ $0.link }) else {
            throw Failure(message: "no connection was opened with `via: link`")
        }
        try await self.harm(proxy, arguments.effect) { .http(host: "127.0.0.1", port: proxy.port, padding: $0) }
    }

    private func beginServer(_ arguments: FaultArguments) async throws(Failure) {
        guard let server = self.target.control.server else { throw Self.notOurs("the server") }
        guard let way = self.serverAddress else { throw Failure(message: "the profile has no endpoint") }
        let canary = Canary.http(host: way.host, port: way.port)
        switch arguments.effect {
        case .kill(let keepsData):
            guard await server.kill(keepsData) else { throw Failure(message: "the server could not be ended") }
            try await self.seeGone(server) { canary }
        case .hang:
            guard await server.freeze() else { throw Failure(message: "the server could not be stopped") }
            try await self.see("silent", { canary }) { $0 == .silent }
        case .stop:
            // How it ends is what the scenario looks at.
            guard await server.stop?() == true else { throw Failure(message: "the server could not be asked to end") }
        default:
            guard server.container != nil else {
                throw Failure(
                    message: "`\(arguments.effect.word)` cannot be done to the server, only `kill`, `stop` and `hang`",
                    isBeyondUs: true)
            }
            let place = Place(name: "the server", port: server.container?.port ?? way.port) {
                .http(host: way.host, port: way.port, padding: $0)
            }
            try await self.begin(arguments.effect, at: server, place)
        }
    }

    /// One of the subscribers is a canary, which sees its own end.
    private func dropSubscribers() async throws(Failure) {
        guard let oracle = self.oracle, let address = self.target.redis else {
            throw Failure(message: "the profile has no redis")
        }
        guard
            let canary = await Canary.redisSubscriber(address).perch(patience: Self.patience)
        else { throw Failure(message: "the canary could not subscribe") }
        switch await oracle.endSubscribers() {
        case .success(let count):
            guard await canary.falls(within: Self.patience) else {
                throw Failure(message: "the fault was not seen: a canary with a subscription is still connected")
            }
            guard count > 1 else { throw Failure(message: "Redis had no connection with subscriptions to end") }
        case .failure(let failure):
            canary.letGo()
            throw Failure(message: failure.message)
        }
    }

    private static func notOurs(_ what: String) -> Failure {
        Failure(message: "\(what) was not started by this run, so it cannot be made to fail", isBeyondUs: true)
    }

    // MARK: The proxy

    private func harm(
        _ proxy: FaultProxy, _ effect: FaultEffect, canary: @Sendable (_ padding: Int) -> Canary?
    ) async throws(Failure) {
        switch effect {
        case .refuse:
            await proxy.refuse()
            try await self.see("refused", { canary(0) }) { $0 == .refused }
        case .reset:
            guard await proxy.count > 0 else { throw Failure(message: "there was no connection to reset") }
            // An idle canary feels it as the others do.
            guard let perched = await canary(0)?.perch(patience: Self.patience) else {
                throw Failure(message: "the canary found no way through before the fault")
            }
            await proxy.resetLinks()
            guard await perched.falls(within: Self.patience) else {
                throw Failure(message: "the fault was not seen: a canary's connection is still there")
            }
        case .blackhole(let direction):
            await proxy.set(.clear.with(direction) { $0.isBlocked = true })
            try await self.see("silent", { canary(0) }) { $0 == .silent }
        case .latency(let latency, let jitter, let direction):
            await proxy.set(
                .clear.with(direction) {
                    $0.latency = latency
                    $0.jitter = jitter
                })
            try await self.see("slow", { canary(0) }, look: latency * 2 + jitter * 2 + Self.look) { sight in
                if case .answered(let time) = sight { time >= latency } else { sight == .silent }
            }
        case .throttle(let rate, let direction):
            await proxy.set(.clear.with(direction) { $0.bytesPerSecond = rate })
            let padding = min(max(rate / 4, 64), 8_192)
            // A web server's answer is as long as it likes.
            let isMeasured = direction != .down || self.repeatsPadding(canary(padding))
            let least = !isMeasured ? 0 : UInt64(padding) * 1_000_000_000 / UInt64(rate) / 2
            try await self.see("slow", { canary(padding) }, look: least * 6 + Self.look) { sight in
                if case .answered(let time) = sight { time >= least } else { sight == .silent }
            }
        case .slice(let bytes, let direction):
            await proxy.set(.clear.with(direction) { $0.slice = bytes })
            let padding = min(max(bytes * 4, 64), 8_192)
            try await self.see("sliced", { canary(padding) }, look: Self.patience) { $0 != .silent && $0 != .refused }
            let largest = await proxy.largestSlice
            guard (1...bytes).contains(largest) else {
                throw Failure(message: "the fault was not seen: the largest piece had \(largest) bytes")
            }
        case .cut(let bytes, let direction):
            await proxy.set(.clear.with(direction) { $0.cutAfter = bytes })
            let isMeasured = direction != .down || self.repeatsPadding(canary(64))
            try await self.see("cut", { canary(bytes + 64) }) { $0 == .ended || $0 == .refused || !isMeasured }
        case .kill, .hang, .stop, .dropPubSub, .pause, .loss, .disconnect, .memory:
            throw Failure(message: "`\(effect.word)` cannot be done to a connection", isBeyondUs: true)
        }
    }

    /// Whether the answer is as long as the question.
    private func repeatsPadding(_ canary: Canary?) -> Bool { (canary?.answerBytes ?? 1) > 1 }

    // MARK: Taking away

    /// Takes a fault away and returns when a canary was answered.
    func end(_ name: String) async throws(Failure) {
        guard let active = self.state.withLock({ $0.active.removeValue(forKey: name) }) else { return }
        switch (active.arguments.target, active.arguments.effect) {
        case (.redis, .kill), (.redis, .stop):
            // What could not be ended need not be started.
            guard let redis = self.target.control.redis else { return }
            guard await redis.restart() else {
                throw Failure(message: "Redis could not be started again")
            }
            do { try await self.target.control.redisProxy?.accept() } catch {
                throw Failure(message: "the proxy before Redis could not listen again: \(error)")
            }
            try await self.seeHealed { self.redisCanary() }
        case (.redis, .hang):
            guard let redis = self.target.control.redis else { return }
            guard await redis.thaw() else { throw Failure(message: "Redis could not go on") }
            try await self.seeHealed { self.redisCanary() }
        case (.redis, .pause):
            guard self.oracle != nil else { return }
            try await self.seeHealed { self.redisCanary() }
        case (.redis, .dropPubSub), (.redis, .reset), (.link, .reset): return
        case (.redis, _):
            if let redis = self.target.control.redis, redis.container != nil {
                let place = Place(name: "Redis", port: redis.container?.port ?? 6379) { self.redisCanary(padding: $0) }
                return try await self.end(active.arguments.effect, at: redis, place)
            }
            // What could not be brought about need not be taken away.
            guard let proxy = self.target.control.redisProxy else { return }
            try await self.clear(proxy)
            try await self.seeHealed { self.redisCanary() }
        case (.link, _):
            guard let proxy = self.state.withLock({ $0.link }) else { return }
            try await self.clear(proxy)
            try await self.seeHealed { .http(host: "127.0.0.1", port: proxy.port) }
        case (.server, let effect):
            guard let server = self.target.control.server, let way = self.serverAddress else { return }
            if effect.endsProcess {
                guard await server.restart() else {
                    throw Failure(message: "the server could not be started again")
                }
            } else if effect != .hang, server.container != nil {
                let place = Place(name: "the server", port: server.container?.port ?? way.port) {
                    .http(host: way.host, port: way.port, padding: $0)
                }
                return try await self.end(effect, at: server, place)
            } else {
                _ = await server.thaw()
            }
            try await self.seeHealed { .http(host: way.host, port: way.port) }
        }
    }

    private func clear(_ proxy: FaultProxy) async throws(Failure) {
        await proxy.set(.clear)
        do { try await proxy.accept() } catch { throw Failure(message: "a proxy could not listen again: \(error)") }
    }

    /// Ends what only this case used.
    func stop() async {
        let link = self.state.withLock { $0.link }
        await link?.stop()
    }

    // MARK: Seeing

    /// Where the server itself is, past whatever makes the way of clients longer.
    private var serverAddress: (host: String, port: Int)? {
        self.target.control.serverAddress ?? self.target.endpoints.values.first.map { ($0.host, $0.port) }
    }

    /// The way that the server takes to its Redis.
    private func redisCanary(padding: Int = 0) -> Canary? {
        guard var address = self.target.redis else { return nil }
        if let proxy = self.target.control.redisProxy {
            address.host = "127.0.0.1"
            address.port = proxy.port
        }
        return .redis(address, padding: padding)
    }

    /// The address of a container goes with it, so that there is nobody who could refuse.
    private func seeGone(
        _ process: RunControl.Process, _ canary: @Sendable () -> Canary?
    ) async throws(Failure) {
        if process.container != nil { return try await self.seeClosed(canary) }
        try await self.see("refused", canary) { $0 == .refused }
    }

    /// There may be silence, or a word of a router in between; an answer there is not.
    func seeClosed(_ canary: @Sendable () -> Canary?) async throws(Failure) {
        try await self.see("closed", canary) { sight in
            if case .answered = sight { false } else { true }
        }
    }

    private func see(_ what: String, _ isSeen: @Sendable (Canary.Sight) -> Bool) async throws(Failure) {
        try await self.see(what, { self.redisCanary() }, isSeen)
    }

    func see(
        _ what: String, _ canary: @Sendable () -> Canary?, look: UInt64 = FaultController.look,
        _ isSeen: @Sendable (Canary.Sight) -> Bool
    ) async throws(Failure) {
        guard let canary = canary() else { throw Failure(message: "there is nothing that a canary could ask") }
        let deadline = self.now() + max(Self.patience, look)
        var last = Canary.Sight.silent
        repeat {
            last = await canary.look(patience: look)
            if isSeen(last) { return }
            await Self.breathe()
        } while self.now() < deadline
        throw Failure(message: "the fault was not seen: a canary should find the way \(what), and it was \(last)")
    }

    /// A refusal comes at once; the next look need not.
    static func breathe() async {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        try? await loop.scheduleTask(in: .milliseconds(10)) {}.futureResult.get()
    }

    func seeHealed(_ canary: @Sendable () -> Canary?) async throws(Failure) {
        try await self.see("open", canary, look: Self.patience) { sight in
            switch sight {
            case .answered, .ended: true
            case .refused, .silent: false
            }
        }
    }
}

extension LinkBehaviour {
    /// A change of one direction or both.
    func with(_ direction: FaultEffect.Direction, _ change: (inout Flow) -> Void) -> LinkBehaviour {
        var behaviour = self
        if direction != .down { change(&behaviour.up) }
        if direction != .up { change(&behaviour.down) }
        return behaviour
    }
}
