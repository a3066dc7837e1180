import Glibc
import ServiceLifecycle
import SubscriptionServer

// How the options about limits reach the server.
extension Program {
    static func limit(_ configuration: inout ServerConfiguration, by settings: Settings) {
        configuration.limitPolicy = settings.limits.policy
        configuration.backPressure = settings.backPressure.policy
    }

    /// Counts for all servers on one store; nil when each counts for itself.
    static func sharedLimits(_ settings: Settings, _ bus: BusService) -> SharedLimitStore? {
        guard settings.redis.sharedLimits == .on else { return nil }
        // A process of the same number on another machine must not be taken for this one.
        let name = "\(getpid())-\(String(UInt64.random(in: .min ... .max), radix: 36))"
        return SharedLimitStore(
            bus.store, prefix: settings.channelPrefix, process: name, away: settings.redis.sharedLimitsOnAway)
    }
}
