package import PubSub

/// What all domains share: where events go, where state is, and what time it is.
package struct DomainEnvironment: Sendable {
    /// Carries all events.
    package let bus: any MessageBus
    package let channels: ChannelNames
    /// Keeps what instances have in common.
    package let state: any KeyValueStore
    /// For what happens by itself, such as simulated work.
    package let timers: any Timers
    /// The time as RFC 3339 text in UTC.
    package let now: @Sendable () -> String
    /// An id that nothing else has.
    package let makeID: @Sendable () -> String
    /// Told of each message that could not be used, with its channel and the reason.
    package let onSkipped: @Sendable (ChannelName, String) -> Void
    /// Told of simulated work that does not go on, with its id and the reason.
    package let onWorkStopped: @Sendable (String, String) -> Void
    /// Who works on which jobs and campaigns.
    var workRegister: WorkRegister

    /// - Parameters:
    ///   - state: Announces changes on the bus.
    ///   - now: The clock of the system unless given.
    ///   - makeID: Random unless given.
    package init(
        bus: any MessageBus, channels: ChannelNames, state: any KeyValueStore,
        timers: any Timers = DispatchTimers(), now: (@Sendable () -> String)? = nil,
        makeID: (@Sendable () -> String)? = nil,
        onSkipped: @escaping @Sendable (ChannelName, String) -> Void = { _, _ in },
        onWorkStopped: @escaping @Sendable (String, String) -> Void = { _, _ in }
    ) {
        self.bus = bus
        self.channels = channels
        self.state = state
        self.timers = timers
        self.now = now ?? Timestamp.now
        self.makeID = makeID ?? Self.randomID
        self.onSkipped = onSkipped
        self.onWorkStopped = onWorkStopped
        self.workRegister = WorkRegister(in: state, channels, instance: Self.randomID())
    }

    /// 24 hexadecimal digits, by chance.
    @Sendable
    private static func randomID() -> String {
        let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
        let more = String(UInt32.random(in: 0 ... .max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
            + String(repeating: "0", count: 8 - more.count) + more
    }
}
