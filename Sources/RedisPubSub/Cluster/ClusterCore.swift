import Logging
import NIOCore
import PubSub

/// What a `RedisClusterBus` knows on its event loop, which is that of the buses of all nodes too: who has which slot, and
/// who listens where.
final class ClusterCore {
    let eventLoop: any EventLoop
    let url: RedisClusterURL
    let configuration: RedisBusConfiguration
    let logger: Logger
    let random: @Sendable () -> Double
    let board: ClusterBoard
    /// How closures that may run anywhere come back here.
    private(set) weak var own: LoopBound<ClusterCore>?
    private var births: AsyncStream<RedisBus>.Continuation?

    /// The nodes with a slot, and others for a while: those of the URL, and those that a redirection named.
    private(set) var nodes: [RedisEndpoint: RedisBus] = [:]
    /// nil until it was read for the first time.
    private(set) var topology: ClusterTopology?
    private var seats: [UInt64: ClusterSeat] = [:]
    private var lastSeat: UInt64 = 0
    /// Those that are at no node.
    private var waiting: Set<UInt64> = []
    var reading = TopologyReading()
    private var isSettling = false
    private(set) var isClosed = false
    /// Commands for a node that is not connected yet.
    private var delayed: [UInt64: (Bool) -> Void] = [:]
    private var lastDelayed: UInt64 = 0

    init(
        url: RedisClusterURL, configuration: RedisBusConfiguration, on eventLoop: any EventLoop, board: ClusterBoard,
        logger: Logger, random: @escaping @Sendable () -> Double
    ) {
        self.eventLoop = eventLoop
        self.url = url
        var configuration = configuration
        configuration.isSharded = true
        configuration.deviation = nil
        self.configuration = configuration
        self.board = board
        self.logger = logger
        self.random = random
    }

    static let closed = BusError(.closed, "the bus was shut down")
    private static let unserved = BusError(.unavailable, "no node of the Redis cluster serves the slot now")

    // MARK: Life

    /// - Parameter births: Takes each bus of a node that is to be run.
    func start(_ births: AsyncStream<RedisBus>.Continuation, own: LoopBound<ClusterCore>) {
        guard !self.isClosed else { return births.finish() }
        self.births = births
        self.own = own
        self.startSeeds()
    }

    /// Ends every subscription and every link.
    func shutdown() {
        guard !self.isClosed else { return }
        self.isClosed = true
        self.reading.timer?.cancel()
        let seats = self.seats.sorted { $0.key < $1.key }.map(\.value)
        self.seats = [:]
        self.waiting = []
        for seat in seats {
            seat.placement?.receiver.turnOff()
            seat.end(Self.closed)
        }
        for node in self.nodes.values { node.shutdown() }
        self.nodes = [:]
        for body in self.delayed.values { body(false) }
        self.delayed = [:]
        self.births?.finish()
    }

    func startSeeds() {
        for seed in self.url.seeds { _ = self.node(at: seed.endpoint) }
    }

    /// The bus of a node, made if there is none.
    private func node(at address: RedisEndpoint) -> RedisBus {
        if let node = self.nodes[address] { return node }
        var configuration = self.configuration
        configuration.url = self.url.node(at: address)
        let node = RedisBus(
            configuration: configuration, on: self.eventLoop, logger: self.logger, random: self.random,
            onChange: { [weak own] in own?.execute { $0.nodeChanged() } })
        self.nodes[address] = node
        self.board.add(node)
        self.births?.yield(node)
        return node
    }

    // MARK: Nodes come and go

    /// A link to a node came or went. Looked into in a turn of its own: this may be called from inside anything.
    private func nodeChanged() {
        guard !self.isSettling, !self.isClosed else { return }
        self.isSettling = true
        self.eventLoop.assumeIsolated().execute {
            self.isSettling = false
            guard !self.isClosed else { return }
            self.placeWaiting()
            self.showStatus()
            if self.hasTrouble { self.readTopology() }
        }
    }

    /// Whether there is something that another look at the topology may mend.
    var hasTrouble: Bool { self.status != .connected || !self.waiting.isEmpty }

    private var status: BusStatus {
        let owners = self.topology?.owners ?? []
        let states = owners.map { self.nodes[$0]?.status ?? .reconnecting(attempt: 1) }
        if self.topology?.isWhole == true, states.allSatisfy({ $0 == .connected }) { return .connected }
        let attempts = self.nodes.values.map { node in
            if case .reconnecting(let attempt) = node.status { attempt } else { 0 }
        }
        return .reconnecting(attempt: max(self.reading.failures, attempts.max() ?? 0))
    }

    func showStatus() {
        self.board.show(self.isClosed ? .closed : self.status)
    }

    /// The slots are as given from now on.
    func take(_ topology: ClusterTopology) {
        let owners = topology.owners
        if topology != self.topology {
            self.logger.info("Redis cluster has new owners of slots", metadata: ["primaries": "\(owners.sorted())"])
        }
        self.topology = topology
        for owner in owners { _ = self.node(at: owner) }
        for (id, seat) in self.seats.sorted(by: { $0.key < $1.key }) {
            // Told of an interruption, another may have left.
            guard let place = seat.placement?.node, self.seats[id] != nil else { continue }
            // A slot that nobody has stays where it was heard last, as long as that node is there.
            guard place != topology.owner(of: seat.slot) ?? place || !owners.contains(place) else { continue }
            self.leave(seat)
            self.waiting.insert(id)
            seat.interrupt()
        }
        for (address, node) in self.nodes where !owners.contains(address) {
            self.nodes[address] = nil
            self.board.remove(node)
            node.shutdown()
        }
        self.placeWaiting()
        self.showStatus()
    }

    // MARK: Subscribers

    func subscribe(
        to channel: ChannelName, _ receiver: Receiver, _ admission: @escaping (Result<UInt64, BusError>) -> Void
    ) {
        guard !self.isClosed else { return admission(.failure(Self.closed)) }
        self.lastSeat += 1
        let id = self.lastSeat
        let seat = ClusterSeat(channel, receiver) { admission($0.map { id }) }
        self.seats[id] = seat
        self.place(id, seat)
    }

    func cancel(_ id: UInt64) {
        guard let seat = self.seats.removeValue(forKey: id) else { return }
        self.waiting.remove(id)
        self.leave(seat)
    }

    private func leave(_ seat: ClusterSeat) {
        guard let placement = seat.placement else { return }
        seat.placement = nil
        placement.receiver.turnOff()
        // Without a number, whoever gets it gives it back.
        guard let id = placement.id, let node = self.nodes[placement.node] else { return }
        node.core.withValue { $0.cancel(id, on: seat.channel) }
    }

    private func placeWaiting() {
        for id in self.waiting.sorted() {
            if let seat = self.seats[id], seat.placement == nil { self.place(id, seat) }
        }
    }

    /// Subscribes at the node that has the slot.
    private func place(_ id: UInt64, _ seat: ClusterSeat) {
        guard let owner = self.topology?.owner(of: seat.slot), let node = self.nodes[owner] else {
            return self.couldNotPlace(id, seat, Self.unserved)
        }
        let (own, receiver) = (self.own, seat.receiver)
        let placement = ClusterSeat.Placement(
            at: owner,
            Receiver { [weak own] event in
                if case .message = event {
                    receiver.deliver(event)
                } else {
                    own?.execute { $0.heard(event, id) }
                }
            })
        seat.placement = placement
        self.waiting.remove(id)
        node.core.withValue { books in
            books.subscribe(to: seat.channel, placement.receiver) { outcome in
                guard seat.placement === placement else {
                    if case .success(let number) = outcome {
                        node.core.withValue { $0.cancel(number, on: seat.channel) }
                    }
                    return
                }
                switch outcome {
                case .success(let number):
                    placement.id = number
                    seat.confirmed()
                case .failure(let error):
                    seat.placement = nil
                    self.couldNotPlace(id, seat, error)
                }
            }
        }
    }

    /// Those who were admitted wait, and so do newcomers whose channel has gone to another node, for as long as a
    /// command may take. Others fail.
    private func couldNotPlace(_ id: UInt64, _ seat: ClusterSeat, _ error: BusError) {
        guard self.seats[id] != nil else { return }
        let hasMoved = error == RedisBusCore.elsewhere || (error.code == .closed && !self.isClosed)
        if hasMoved, !seat.isAdmitted, seat.isPatient == nil {
            seat.isPatient = true
            let patience = TimeAmount(self.configuration.commandTimeout)
            self.eventLoop.assumeIsolated().scheduleTask(in: patience) {
                seat.isPatient = false
                if !seat.isAdmitted, seat.placement == nil { self.couldNotPlace(id, seat, Self.unserved) }
            }
        }
        if seat.isAdmitted ? error.code != .refused : seat.isPatient == true && error.code != .refused {
            self.waiting.insert(id)
            if hasMoved { self.readTopology() }
            seat.interrupt()
        } else {
            self.seats[id] = nil
            self.waiting.remove(id)
            seat.end(error.code == .closed && !self.isClosed ? Self.unserved : error)
        }
    }

    /// What a node says, messages apart, to a subscriber that is placed there.
    private func heard(_ event: BusEvent, _ id: UInt64) {
        guard let seat = self.seats[id] else { return }
        switch event {
        case .message: break
        case .interrupted: seat.interrupt()
        case .resumed: seat.resume()
        case .ended(let error):
            seat.placement?.receiver.turnOff()
            seat.placement = nil
            self.couldNotPlace(id, seat, error as? BusError ?? Self.unserved)
        }
    }

    // MARK: Commands

    /// Sends a command to the node that has the slot, and once more to the node that it names instead.
    func send(_ command: RESPCommand, slot: Int, _ completion: @escaping RedisLink.Completion) {
        guard !self.isClosed else { return completion(.failure(Self.closed)) }
        guard let owner = self.topology?.owner(of: slot), let node = self.nodes[owner] else {
            return completion(.failure(Self.unserved))
        }
        self.send(command, to: node) { reply in
            guard case .success(.error(let text)) = reply, let redirection = Redirection(text) else {
                return completion(reply)
            }
            if case .ask = redirection {} else { self.readTopology() }
            switch redirection {
            case .moved(_, let place):
                self.send(command, toOther: RedisEndpoint(place, from: owner.host), isAsked: false, completion)
            case .ask(_, let place):
                self.send(command, toOther: RedisEndpoint(place, from: owner.host), isAsked: true, completion)
            case .notNow:
                completion(.failure(BusError(.unavailable, "the Redis cluster answered with \(text)")))
            }
        }
    }

    private func send(_ command: RESPCommand, to node: RedisBus, _ completion: @escaping RedisLink.Completion) {
        node.core.withValue { books in
            books.send(command) { reply in
                // A node that is given up is no bus that is shut down.
                if case .failure(let error) = reply, error.code == .closed, !self.isClosed {
                    completion(.failure(Self.unserved))
                } else {
                    completion(reply)
                }
            }
        }
    }

    /// - Parameter isAsked: Whether the slot is on its way there, so that the node has to be told that we know.
    private func send(
        _ command: RESPCommand, toOther address: RedisEndpoint?, isAsked: Bool,
        _ completion: @escaping RedisLink.Completion
    ) {
        guard let address, !self.isClosed else { return completion(.failure(Self.unserved)) }
        let node = self.node(at: address)
        self.whenConnected(node) { isConnected in
            guard isConnected else { return completion(.failure(Self.unserved)) }
            if isAsked { self.send(RESPCommand("ASKING"), to: node) { _ in } }
            self.send(command, to: node) { reply in
                guard case .success(.error(let text)) = reply, Redirection(text) != nil else {
                    return completion(reply)
                }
                completion(.failure(BusError(.unavailable, "the Redis cluster answered with \(text)")))
            }
        }
    }

    /// Waits for a node that may just have been made, for as long as a command may take.
    private func whenConnected(_ node: RedisBus, _ body: @escaping (Bool) -> Void) {
        guard node.status != .connected else { return body(true) }
        self.lastDelayed += 1
        let number = self.lastDelayed
        self.delayed[number] = body
        let wish = node.whenConnected { [weak own] in
            own?.execute { $0.delayed.removeValue(forKey: number)?(true) }
        }
        self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(self.configuration.commandTimeout)) {
            wish.cancel()
            self.delayed.removeValue(forKey: number)?(false)
        }
    }
}
