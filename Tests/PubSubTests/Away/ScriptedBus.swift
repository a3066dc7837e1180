import PubSub
import Synchronization

/// A bus whose broker comes and goes as the test says.
final class ScriptedBus: MessageBus {
    private struct State {
        var status = BusStatus.connected
        var receivers: [Int: @Sendable (BusEvent) -> Void] = [:]
        var waiters: [Int: @Sendable () -> Void] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    /// Who subscribes now.
    var subscriberCount: Int { self.state.withLock { $0.receivers.count } }
    /// Who waits for the broker now.
    var waiterCount: Int { self.state.withLock { $0.waiters.count } }
    var status: BusStatus { self.state.withLock { $0.status } }

    func subscribe(
        to channel: ChannelName, _ receive: @escaping @Sendable (BusEvent) -> Void
    ) async throws(BusError) -> BusSubscription {
        let number = self.state.withLock { state -> Int? in
            guard state.status == .connected else { return nil }
            state.last += 1
            state.receivers[state.last] = receive
            return state.last
        }
        guard let number else { throw BusError(.unavailable, "away") }
        return BusSubscription { _ = self.state.withLock { $0.receivers.removeValue(forKey: number) } }
    }

    func publish(_ message: [UInt8], to channel: ChannelName) async throws(BusError) -> Int {
        self.send(.message(message))
        return self.subscriberCount
    }

    func whenConnected(_ body: @escaping @Sendable () -> Void) -> BusSubscription {
        let number = self.state.withLock { state -> Int? in
            guard state.status != .connected else { return nil }
            state.last += 1
            state.waiters[state.last] = body
            return state.last
        }
        guard let number else {
            body()
            return BusSubscription {}
        }
        return BusSubscription { _ = self.state.withLock { $0.waiters.removeValue(forKey: number) } }
    }

    /// Delivers to everyone.
    func send(_ event: BusEvent) {
        for receive in self.state.withLock({ Array($0.receivers.values) }) { receive(event) }
    }

    /// The broker goes.
    func goAway() {
        self.state.withLock { $0.status = .reconnecting(attempt: 1) }
        self.send(.interrupted)
    }

    /// The broker is back.
    func comeBack() {
        let waiters = self.state.withLock { state in
            state.status = .connected
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        self.send(.resumed)
        waiters.forEach { $0() }
    }

    /// Calls those who wait, and is away all the same.
    func flicker() {
        let waiters = self.state.withLock { state in
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        waiters.forEach { $0() }
    }
}
