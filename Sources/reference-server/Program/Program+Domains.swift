import Logging
import PubSub
import ReferenceDomains

extension Program {
    /// What the domains work with: state is shared where events are.
    static func environment(
        _ settings: Settings, _ bus: BusService, _ channels: ChannelNames, _ logger: Logger
    ) -> DomainEnvironment {
        DomainEnvironment(
            bus: bus.bus, channels: channels, state: bus.store,
            onSkipped: { channel, reason in
                logger.record(.messageSkipped(channel: "\(channel)", reason: reason))
            },
            onWorkStopped: { id, reason in
                logger.record(.workStopped(id: id, reason: reason))
            })
    }
}
