import Foundation
import Logging
import SubscriptionServer

/// Something that takes new settings while the server runs. The settings are whole and valid; whatever cannot change
/// without a restart is not looked at.
protocol Reloadable: Sendable {
    /// Reads what the settings name, and changes nothing yet.
    /// - Returns: what makes the change; it cannot fail.
    func prepare(_ settings: Settings) async throws -> @Sendable () -> Void
}

/// Limits take effect on what is asked for from then on.
struct ReloadableLimits: Reloadable {
    let limiter: LimitKeeper

    func prepare(_ settings: Settings) async throws -> @Sendable () -> Void {
        let policy = settings.limits.policy
        try policy.validate()
        return { [limiter] in limiter.policy = policy }
    }
}

extension Program {
    /// Reads all settings and key files again, and gives them to those who can use them. One mistake in any of them
    /// changes nothing at all.
    static func reload(_ reloadables: [any Reloadable], logger: Logger) async {
        do {
            let settings = try Settings.read(
                Array(CommandLine.arguments.dropFirst()), environment: ProcessInfo.processInfo.environment)
            var changes: [@Sendable () -> Void] = []
            for reloadable in reloadables {
                changes.append(try await reloadable.prepare(settings))
            }
            changes.forEach { $0() }
            logger.record(.settingsReloaded)
        } catch {
            logger.record(.settingsNotReloaded(error: "\(error)"))
        }
    }

    /// The operators' port, when it is asked for.
    static func admin(_ settings: Settings, _ server: RealtimeServer) throws -> AdminServer? {
        guard let port = settings.operators.adminPort else { return nil }
        guard let file = settings.operators.adminTokenFile else {
            throw Settings.UsageError(description: "--admin-port needs --admin-token-file")
        }
        guard let data = FileManager.default.contents(atPath: file),
            let text = String(validating: data, as: UTF8.self)
        else { throw Settings.UsageError(description: "--admin-token-file: cannot read \(file)") }
        let token = text.split(whereSeparator: \.isWhitespace)
        guard token.count == 1, token[0].utf8.count >= 16, token[0].utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else {
            throw Settings.UsageError(
                description: "--admin-token-file: expected one word of at least 16 characters of ASCII")
        }
        return AdminServer(host: settings.host, port: port, token: String(token[0]), server: server)
    }
}
