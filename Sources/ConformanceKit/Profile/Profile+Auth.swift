extension Profile {
    /// How a client says who it is, and what the server does about it.
    package struct Auth: Sendable, Equatable {
        /// Where the token is carried, by transport; `sse-single` where it differs from `sse`.
        package var carry: [String: Carrier] = [:]
        /// What is carried; `{{token}}` stands for the token.
        package var format = "{{token}}"
        /// How a token comes about; `nil` if the profile lists tokens only under `subjects`.
        package var mint: Mint?
        /// Who there is, by the name that scenarios use.
        package var subjects: [String: Subject] = [:]
        /// Who the runner is when a scenario does not say: a subject, or `none` for nobody; `nil` for the subject
        /// `default`, or the first by name.
        package var defaultSubject: String?
        /// What a refusal looks like, by transport.
        package var reject: [String: Rejection] = [:]
        /// What happens when a token expires; `nil` if the profile does not say.
        package var expiry: Expiry?
        /// The program that takes a token back before its time, and its arguments; empty if there is none. `{{token}}`,
        /// `{{token_id}}`, `{{subject}}`, `{{tenant}}` and the placeholders of `start` are filled in.
        package var revoke: [String] = []
        /// Whether a client without a token is served; `nil` if the profile does not say.
        package var isAnonymousServed: Bool?
    }

    /// Where a token is carried.
    package enum Carrier: Sendable, Equatable {
        /// A dotted path inside the payload of `connection_init`.
        case initPayload(String)
        case header(String)
        case query(String)
        case cookie(String)
        /// One more subprotocol: this prefix and the token.
        case subprotocol(prefix: String)
    }

    /// How a token comes about.
    package enum Mint: Sendable, Equatable {
        /// The runner signs a JSON Web Token (RFC 7519).
        case jwt(JWT)
        /// Ready tokens by subject, or by `subject/kind` for broken ones (`alice/expired`).
        case table([String: String])
        /// A request whose answer holds the token.
        case http(HTTPMint)
        /// A program that prints the token; `{{subject}}`, `{{tenant}}` and `{{kind}}` in its arguments are filled in.
        case command([String])
    }

    /// How the runner signs tokens.
    package struct JWT: Sendable, Equatable {
        /// `HS256`, `RS256`, `ES256` and so on (RFC 7518 §3.1).
        package var algorithm: String
        /// The secret of an HMAC algorithm; `{{auth.secret}}` is that of the run.
        package var secret: String?
        /// The path of the private key (PEM) of the other algorithms.
        package var privateKey: String?
        /// `kid` of the header.
        package var keyID: String?
        /// Nanoseconds from `iat` to `exp`.
        package var lifetime: UInt64 = 3_600_000_000_000
        /// The claims; `{{subject}}`, `{{tenant}}`, `{{issued}}`, `{{not_before}}`, `{{expires}}` (seconds since 1970, as
        /// numbers) and `{{token_id}}` are filled in, and members of the subject's `claims` are added.
        package var claims: JSON
        /// Further members of the header.
        package var header: JSON = .object([])

        /// Algorithms that can be named.
        package static let algorithms = [
            "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
            "EdDSA",
        ]
    }

    /// A request whose answer holds the token; `{{subject}}`, `{{tenant}}` and `{{kind}}` are filled in.
    package struct HTTPMint: Sendable, Equatable {
        package var method: String
        package var url: String
        package var headers: [HTTPHeader]
        package var json: JSON
        /// Where the token stands in the answer, as a dotted path.
        package var tokenAt: String
    }

    /// Somebody that scenarios connect as.
    package struct Subject: Sendable, Equatable {
        /// The tenant that the subject belongs to.
        package var tenant: String?
        /// Claims of this subject alone.
        package var claims: JSON = .object([])
        /// The subject's ready token, if none is minted.
        package var token: String?
    }

    /// What a refusal looks like; members that are missing are not checked.
    package struct Rejection: Sendable, Equatable {
        /// The close code of a socket.
        package var close: Int?
        package var reason: String?
        /// The HTTP status, of a request or of the upgrade.
        package var status: Int?
        /// The type of the message that refuses, such as `connection_error`.
        package var message: String?
        /// `extensions.code` of the error.
        package var code: String?
    }

    /// What happens when a token expires.
    package struct Expiry: Sendable, Equatable {
        package var action: Action
        package var closeCode: Int?
        /// `extensions.code` of the error that ends an operation.
        package var code: String?
        /// The longest time, in nanoseconds, that the server takes to notice.
        package var grace: UInt64 = 1_000_000_000

        package enum Action: String, Sendable, CaseIterable {
            /// The connection is closed.
            case close
            /// Every operation ends with an error.
            case endOperation = "end-operation"
            /// Events no longer arrive, and nothing says so.
            case silence
            /// Nothing.
            case none
        }
    }
}
