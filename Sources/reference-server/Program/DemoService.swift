import Logging
import PubSub
import ReferenceDomains
import ServiceLifecycle

/// Puts data there to look at, and makes things happen, as far as that is asked for.
struct DemoService: Service {
    private let environment: DomainEnvironment
    private let tenant: String
    private let options: DemoOptions
    private let logger: Logger

    /// Nil when nothing is asked for. The data is the default tenant's.
    init?(_ settings: Settings, _ environment: DomainEnvironment, _ logger: Logger) {
        guard settings.demo.seedData || settings.demo.simulate != nil else { return nil }
        self.environment = environment
        self.tenant = settings.defaultTenant
        self.options = settings.demo
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            guard await self.waitForBus() else { return }
            await withTaskGroup(of: Void.self) { group in
                if self.options.seedData {
                    let data = SeedData(self.environment, tenant: self.tenant)
                    do {
                        try await data.load()
                    } catch {
                        self.logger.record(.seedDataFailed(error: "\(error)"))
                    }
                    group.addTask { await data.work() }
                }
                if let seed = self.options.simulate { group.addTask { await self.simulate(seed) } }
            }
        }
        // A service that ends would end all of them.
        try? await gracefulShutdown()
    }

    private func simulate(_ seed: UInt64) async {
        self.logger.record(.simulating(seed: seed))
        var simulation = Simulation(self.environment, tenant: self.tenant, seed: seed)
        await simulation.run { [logger] error in
            logger.record(.simulatedEventFailed(error: "\(error)"))
        }
    }

    /// Whether the bus is there, sooner or later.
    private func waitForBus() async -> Bool {
        while self.environment.bus.status != .connected {
            guard (try? await ContinuousClock().sleep(for: .milliseconds(50))) != nil else { return false }
        }
        return true
    }
}
