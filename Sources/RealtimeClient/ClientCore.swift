import NIOCore

/// Does what the machine and the dialect decide. Used on its event loop only.
final class ClientCore {
    private let transport: any Transport
    private let newDialect: () -> any Dialect
    private let shared: SharedClientState
    private let eventLoop: any EventLoop
    private var machine: ConnectionMachine
    private var dialect: any Dialect
    private var link: (any TransportLink)?
    /// Counts connections, so that what an old one still tells is not taken for the new one's.
    private var generation = 0
    private var waits: [Scheduled<Void>] = []
    private var beatTime: NIODeadline?
    private var lastEventID: String?

    init(
        transport: any Transport, dialect: @escaping () -> any Dialect, backoff: Backoff, heartbeat: Duration?,
        shared: SharedClientState, eventLoop: any EventLoop
    ) {
        self.transport = transport
        self.newDialect = dialect
        self.dialect = dialect()
        self.shared = shared
        self.eventLoop = eventLoop
        self.machine = ConnectionMachine(backoff: backoff, heartbeat: heartbeat)
    }

    func handle(_ input: ConnectionMachine.Input) {
        if input == .close {
            for text in self.dialect.farewell() { self.link?.send(text) }
        }
        for output in self.machine.handle(input) {
            self.perform(output)
        }
    }

    func send(_ text: String) {
        guard let text = self.dialect.encode(text) else { return }
        self.link?.send(text)
    }

    func forgetHandlers() {
        self.shared.write {
            $0.handlers.removeAll()
            $0.stateHandlers = []
        }
    }

    private func perform(_ output: ConnectionMachine.Output) {
        switch output {
        case .connect: self.connect()
        case .drop:
            self.generation += 1
            self.link?.close()
            self.link = nil
        case .wait(let delay): self.schedule(.retryDue, in: delay)
        case .awaitHeartbeat(let delay): self.schedule(.heartbeatDue, in: delay)
        case .beat:
            self.beatTime = self.eventLoop.now
            self.perform(self.dialect.beat())
        case .cancelWaits:
            self.waits.forEach { $0.cancel() }
            self.waits = []
        case .state(let state):
            let handlers = self.shared.write { values in
                values.state = state
                return values.stateHandlers
            }
            handlers.forEach { $0(state) }
        }
    }

    private func schedule(_ input: ConnectionMachine.Input, in delay: Duration) {
        self.waits.append(
            self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(delay)) { [weak self] in
                self?.handle(input)
            })
        // Those that have passed are of no more use.
        if self.waits.count > 4 { self.waits.removeFirst() }
    }

    private func connect() {
        self.generation += 1
        let generation = self.generation
        self.dialect = self.newDialect()
        self.link = self.transport.connect(on: self.eventLoop, lastEventID: self.lastEventID) { [weak self] event in
            guard let self, self.generation == generation else { return }
            self.happened(event)
        }
    }

    private func happened(_ event: TransportEvent) {
        switch event {
        case .opened: self.perform(self.dialect.opened())
        case .message(let message): self.perform(self.dialect.received(message))
        case .heard: self.handle(.heard)
        case .retry(let delay): self.handle(.firstDelay(delay))
        case .completed: self.handle(.completed)
        case .lost(let loss):
            self.generation += 1
            self.link = nil
            self.handle(.lost(loss))
        }
    }

    private func perform(_ actions: [DialectAction]) {
        let generation = self.generation
        // An action may end the connection that the rest was meant for.
        for action in actions where self.generation == generation {
            switch action {
            case .send(let text): self.link?.send(text)
            case .ready: self.handle(.ready)
            case .event(let event): self.deliver(event)
            case .answered: self.answered()
            case .completed: self.handle(.completed)
            case .failed(let reason): self.handle(.failed(reason))
            case .misunderstood(let what):
                self.perform(.drop)
                self.handle(.lost(.misunderstood(what)))
            }
        }
    }

    private func answered() {
        if let beatTime {
            let latency = Duration.nanoseconds((self.eventLoop.now - beatTime).nanoseconds)
            self.shared.write { $0.latency = latency }
            self.beatTime = nil
        }
        self.handle(.heard)
    }

    private func deliver(_ event: RealtimeEvent) {
        self.lastEventID = event.id ?? self.lastEventID
        let handlers = self.shared.write { values in
            values.history.append(event)
            return values.handlers.handlers(for: event.type)
        }
        handlers.forEach { $0(event) }
    }
}
