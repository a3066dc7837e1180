import SubscriptionServer

// How the options about limits reach the server.
extension Program {
    static func limit(_ configuration: inout ServerConfiguration, by settings: Settings) {
        configuration.limitPolicy = settings.limits.policy
        configuration.backPressure = settings.backPressure.policy
    }
}
