import ArgumentParser
import NIOCore
import SubscriptionServer
import TokenVerification

/// Who is let in.
struct AuthOptions: ParsableArguments {
    /// How clients say who they are.
    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case none
        case jwt
    }

    /// The names, for the environment.
    static let names = [
        "auth", "jwt-secret-file", "jwt-public-key", "jwt-key-id", "jwks", "jwt-issuer", "jwt-audience", "jwt-leeway",
        "jwt-algorithms", "anonymous", "token-expiry", "allowed-origins",
    ]

    @Option(
        help: """
            Whether clients need a token: none lets everybody into the default tenant with every permission, jwt \
            verifies JSON Web Tokens. (default: jwt when a key is given, else none)
            """)
    var auth: Mode?

    @Option(help: ArgumentHelp("File with the secret for HS256, 32 bytes or more.", valueName: "file"))
    var jwtSecretFile: String?

    @Option(
        help: ArgumentHelp(
            "File with the public key for RS256, ES256 or EdDSA, in PEM.", valueName: "file"))
    var jwtPublicKey: String?

    @Option(
        help: ArgumentHelp(
            "Name of the key in --jwt-secret-file or --jwt-public-key; a token with a kid has to name it.",
            valueName: "kid"))
    var jwtKeyID: String?

    @Option(
        name: .customLong("jwks"),
        help: ArgumentHelp(
            "Published set of keys, as an http or https address or a file; read again when a token names a new key.",
            valueName: "url"))
    var keySet: String?

    @Option(help: ArgumentHelp("Who may have issued tokens, separated by commas. (default: anybody)", valueName: "iss"))
    var jwtIssuer: String?

    @Option(
        help: ArgumentHelp(
            """
            For whom tokens may be made out, separated by commas. (default: none, and a token made out to somebody is \
            refused)
            """, valueName: "aud"))
    var jwtAudience: String?

    @Option(
        help: ArgumentHelp(
            "By how much clocks may differ; a token lives that much longer. (default: 5s)", valueName: "duration"),
        transform: DurationText.parseOrZero)
    var jwtLeeway: TimeAmount = .seconds(5)

    @Option(
        help: ArgumentHelp(
            "Algorithms that tokens may use, separated by commas. (default: HS256,RS256,ES256,EdDSA)",
            valueName: "names"), transform: Self.algorithms)
    var jwtAlgorithms = Set(TokenAlgorithm.allCases)

    @Option(
        help: """
            What becomes of clients without any token: allow lets them into the default tenant without permissions. A \
            bad token is always refused. (default: refuse)
            """)
    var anonymous: TokenGate.Anonymous?

    @Option(
        help: """
            What becomes of a connection when its token ends: close ends it (4403), end-operations first ends each \
            operation with TOKEN_EXPIRED, keep lets it stay.
            """)
    var tokenExpiry = AccessPolicy.TokenExpiry.close

    @Option(
        help: ArgumentHelp(
            """
            Web pages that may connect, beside those from the server itself, separated by commas; * is all, without \
            their cookies. (default: none)
            """, valueName: "origins"))
    var allowedOrigins: String?

    /// Whether clients need a token.
    var isOn: Bool { self.auth.map { $0 == .jwt } ?? self.hasKeys }

    private var hasKeys: Bool { self.jwtSecretFile != nil || self.jwtPublicKey != nil || self.keySet != nil }

    func validate() throws {
        if self.auth == .jwt, !self.hasKeys {
            throw ValidationError("--auth jwt needs a key: --jwt-secret-file, --jwt-public-key or --jwks")
        }
        if self.auth == AuthOptions.Mode.none, self.hasKeys {
            throw ValidationError("--auth none does not go with keys for tokens")
        }
        if self.jwtKeyID != nil, (self.jwtSecretFile == nil) == (self.jwtPublicKey == nil) {
            throw ValidationError("--jwt-key-id needs one of --jwt-secret-file and --jwt-public-key")
        }
        if !self.isOn {
            let needless = [
                ("--jwt-issuer", self.jwtIssuer != nil), ("--jwt-audience", self.jwtAudience != nil),
                ("--anonymous", self.anonymous != nil),
            ]
            if let (name, _) = needless.first(where: { $0.1 }) {
                throw ValidationError("\(name) needs keys for tokens")
            }
        }
    }

    private static func algorithms(_ text: String) throws -> Set<TokenAlgorithm> {
        let names = Self.list(text)
        let algorithms = names.compactMap(TokenAlgorithm.init)
        guard !names.isEmpty, algorithms.count == names.count else {
            throw Unusable("expected some of \(TokenAlgorithm.allCases.map(\.rawValue).joined(separator: ","))")
        }
        return Set(algorithms)
    }

    /// The parts of a list with commas; empty for nil.
    static func list(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}

extension TokenGate.Anonymous: ExpressibleByArgument {}

extension AccessPolicy.TokenExpiry: ExpressibleByArgument {}
