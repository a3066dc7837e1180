import ReferenceDomains
import ServiceLifecycle

/// Sees to it that jobs and campaigns whose server is gone do not stay as if they ran.
struct WorkKeeper: Service {
    let environment: DomainEnvironment

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await Works(self.environment).keepWatch()
        }
        // A service that ends would end all of them.
        try? await gracefulShutdown()
    }
}
