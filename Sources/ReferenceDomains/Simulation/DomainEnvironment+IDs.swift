import Synchronization

extension DomainEnvironment {
    /// The same, with other ids.
    func making(_ makeID: @escaping @Sendable () -> String) -> DomainEnvironment {
        var other = DomainEnvironment(
            bus: self.bus, channels: self.channels, state: self.state, timers: self.timers, now: self.now,
            makeID: makeID, onSkipped: self.onSkipped, onWorkStopped: self.onWorkStopped)
        // It is the same instance of the server.
        other.workRegister = self.workRegister
        return other
    }

    /// The same, with ids that follow from the seed.
    func makingIDs(seed: UInt64) -> DomainEnvironment {
        let generator = SharedGenerator(seed: seed)
        return self.making { generator.id() }
    }
}

private final class SharedGenerator: Sendable {
    private let generator: Mutex<SeededGenerator>

    init(seed: UInt64) {
        self.generator = Mutex(SeededGenerator(seed: seed))
    }

    /// 16 hexadecimal digits.
    func id() -> String {
        let digits = String(self.generator.withLock { $0.next() }, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
