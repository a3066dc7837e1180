import Synchronization

/// A bus with a policy for the time in which its broker is away.
package final class AwayBus<Time: Clock>: MessageBus where Time.Duration == Duration {
    private let bus: any MessageBus
    private let policy: AwayPolicy
    private let clock: Time
    private let waiting = Atomic(0)

    /// - Parameter clock: Measures how long newcomers wait.
    package init(_ bus: any MessageBus, policy: AwayPolicy, clock: Time = ContinuousClock()) {
        self.bus = bus
        self.policy = policy
        self.clock = clock
    }

    /// How many newcomers wait now.
    package var waitingCount: Int { self.waiting.load(ordering: .relaxed) }

    package var status: BusStatus { self.bus.status }

    package func publish(_ message: [UInt8], to channel: ChannelName) async throws(BusError) -> Int {
        try await self.bus.publish(message, to: channel)
    }

    package func whenConnected(_ body: @escaping @Sendable () -> Void) -> BusSubscription {
        self.bus.whenConnected(body)
    }

    package func subscribe(
        to channel: ChannelName, _ receive: @escaping @Sendable (BusEvent) -> Void
    ) async throws(BusError) -> BusSubscription {
        do {
            return try await self.open(channel, receive)
        } catch  where error.code == .unavailable && self.policy.newcomers == .queue {
            return try await self.openLater(channel, receive)
        }
    }

    /// Tries again each time that the broker is back, until the newcomer has waited for long enough.
    private func openLater(
        _ channel: ChannelName, _ receive: @escaping @Sendable (BusEvent) -> Void
    ) async throws(BusError) -> BusSubscription {
        let place = self.waiting.add(1, ordering: .relaxed).newValue
        defer { self.waiting.subtract(1, ordering: .relaxed) }
        guard place <= self.policy.maximumWaiting else {
            throw BusError(.overloaded, "\(place - 1) subscribers wait for the broker already")
        }
        let deadline = self.clock.now.advanced(by: self.policy.longestWait)
        while await self.brokerIsBack(before: deadline) {
            do {
                return try await self.open(channel, receive)
            } catch  where error.code == .unavailable {
                continue
            }
        }
        throw BusError(.unavailable, "the broker did not come back within \(self.policy.longestWait)")
    }

    /// False when the deadline has passed, or the task was cancelled.
    private func brokerIsBack(before deadline: Time.Instant) async -> Bool {
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self)
        let registration = self.bus.whenConnected { continuation.finish() }
        defer { registration.cancel() }
        let clock = self.clock
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in signals {}
                return !Task.isCancelled
            }
            group.addTask {
                try? await clock.sleep(until: deadline, tolerance: nil)
                return false
            }
            let isBack = await group.next() ?? false
            group.cancelAll()
            return isBack && !Task.isCancelled
        }
    }

    private func open(
        _ channel: ChannelName, _ receive: @escaping @Sendable (BusEvent) -> Void
    ) async throws(BusError) -> BusSubscription {
        guard self.policy.streams == .end else {
            let announcesGaps = self.policy.announcesGaps
            return try await self.bus.subscribe(to: channel) { event in
                switch event {
                case .message, .ended: receive(event)
                case .interrupted, .resumed: if announcesGaps { receive(event) }
                }
            }
        }
        let seat = AwaySeat(announcesGaps: self.policy.announcesGaps, receive)
        let subscription = try await self.bus.subscribe(to: channel) { seat.received($0) }
        seat.hold(subscription)
        return subscription
    }
}

/// One subscriber of an `AwayBus` that ends subscriptions with the link.
private final class AwaySeat: Sendable {
    private struct State {
        var subscription: BusSubscription?
        var hasEnded = false
    }

    private let announcesGaps: Bool
    private let receive: @Sendable (BusEvent) -> Void
    private let state = Mutex(State())

    init(announcesGaps: Bool, _ receive: @escaping @Sendable (BusEvent) -> Void) {
        self.announcesGaps = announcesGaps
        self.receive = receive
    }

    /// The subscription may be lost before it is known here.
    func hold(_ subscription: BusSubscription) {
        let hasEnded = self.state.withLock { state in
            state.subscription = state.hasEnded ? nil : subscription
            return state.hasEnded
        }
        if hasEnded { subscription.cancel() }
    }

    /// By one thread at a time.
    func received(_ event: BusEvent) {
        switch event {
        case .message:
            self.receive(event)
        case .interrupted:
            let subscription = self.state.withLock { state in
                state.hasEnded = true
                return state.subscription.take()
            }
            subscription?.cancel()
            self.receive(.ended(BusError(.unavailable, "the link to the broker is lost")))
        case .resumed:
            if self.announcesGaps { self.receive(event) }
        case .ended:
            _ = self.state.withLock { $0.subscription.take() }
            self.receive(event)
        }
    }
}
