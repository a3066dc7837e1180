import ArgumentParser
import Foundation
import NIOCore
import TokenVerification

/// Makes a token for trying things out.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Print a token for a server that verifies tokens with the key given here. For developers.",
        usage: "reference-server token --secret-file <file> --sub <user> --tenant <tenant> [options]")

    @Option(help: ArgumentHelp("File with the secret; signs with HS256.", valueName: "file"))
    var secretFile: String?

    @Option(
        help: ArgumentHelp("File with the private key in PEM; signs with RS256, ES256 or EdDSA.", valueName: "file"))
    var privateKey: String?

    @Option(help: ArgumentHelp("Name of the key (kid).", valueName: "kid"))
    var keyID: String?

    @Option(help: ArgumentHelp("The user.", valueName: "user"))
    var sub: String

    @Option(help: ArgumentHelp("The tenant.", valueName: "tenant"))
    var tenant: String

    @Option(help: ArgumentHelp("What the user is called.", valueName: "text"))
    var name: String?

    @Option(help: ArgumentHelp("Roles, separated by commas.", valueName: "names"))
    var roles: String?

    @Option(help: ArgumentHelp("Permissions, separated by commas.", valueName: "names"))
    var permissions: String?

    @Option(help: ArgumentHelp("Teams, separated by commas.", valueName: "ids"))
    var teams: String?

    @Option(help: ArgumentHelp("Issuer.", valueName: "iss"))
    var issuer: String?

    @Option(help: ArgumentHelp("Audiences, separated by commas.", valueName: "aud"))
    var audience: String?

    @Option(help: ArgumentHelp("Name of the token, by which it can be revoked. (default: a new UUID)", valueName: "id"))
    var jti: String?

    @Option(
        help: ArgumentHelp("How long it is valid. (default: 1h)", valueName: "duration"),
        transform: DurationText.parse)
    var expiresIn: TimeAmount = .hours(1)

    func validate() throws {
        guard (self.secretFile == nil) != (self.privateKey == nil) else {
            throw ValidationError("give one of --secret-file and --private-key")
        }
    }

    func run() async throws {
        let now = Date().timeIntervalSince1970
        var claims = TokenIssuer.Claims(
            sub: self.sub, tenant: self.tenant, iat: Int(now),
            exp: Int((now + Double(self.expiresIn.nanoseconds) / 1e9).rounded(.up)))
        claims.name = self.name
        claims.roles = AuthOptions.list(self.roles)
        claims.permissions = AuthOptions.list(self.permissions)
        claims.teams = AuthOptions.list(self.teams)
        claims.iss = self.issuer
        claims.aud = self.audience.map { AuthOptions.list($0) }
        claims.jti = self.jti ?? UUID().uuidString.lowercased()
        print(try await self.issuer().token(claims))
    }

    private func issuer() async throws -> TokenIssuer {
        do {
            if let path = self.secretFile {
                return try await .secret(KeyFile.secret(try KeyFile.read(path)), keyID: self.keyID)
            }
            let path = self.privateKey ?? ""
            return try await .pem(String(decoding: try KeyFile.read(path), as: UTF8.self), keyID: self.keyID)
        } catch {
            throw Settings.UsageError(description: "\(self.secretFile ?? self.privateKey ?? ""): \(error)")
        }
    }
}
