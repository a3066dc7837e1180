import Logging
import Synchronization
import TokenVerification

/// The keys for tokens as they were read last: when the server began, or at the last SIGHUP that brought good ones.
final class ReloadableKeys: KeySource, Reloadable {
    private let source: Mutex<any KeySource>
    private let logger: Logger

    /// - Throws: `Settings.UsageError` for keys that cannot be used.
    init(_ options: AuthOptions, logger: Logger) async throws {
        self.source = Mutex(try await Program.keys(options, logger: logger))
        self.logger = logger
    }

    private var current: any KeySource { self.source.withLock { $0 } }

    func keys() async throws(UnusableKey) -> KeySet { try await self.current.keys() }

    func newerKeys() async -> KeySet? { await self.current.newerKeys() }

    func prepare(_ settings: Settings) async throws -> @Sendable () -> Void {
        let source = try await Program.keys(settings.auth, logger: self.logger)
        // Those at an address are asked for now: when it does not answer, the ones that are there stay good.
        _ = try await source.keys()
        return { [self] in self.source.withLock { $0 = source } }
    }
}
