import NIOHTTP1
import SubscriptionProtocols

// What a browser has to be told so that it lets a page read the answer (Fetch §3.3).
extension OriginPolicy {
    private static let methods = "GET, POST, PUT, DELETE, OPTIONS"
    private static let requestFields =
        "Accept, Authorization, Content-Type, Last-Event-ID, X-GraphQL-Event-Stream-Token, X-Request-ID"

    /// Judges a request by its head.
    /// - Parameter misbehaviour: what the server does wrong on purpose.
    func judge(_ head: HTTPRequestHead, _ misbehaviour: Misbehaviour?) -> Verdict {
        let origins = head.headers["origin"]
        let verdict = self.judge(origins: origins, host: head.headers.first(name: "host"))
        switch misbehaviour {
        case .originIgnored where verdict == .refused: return .absent
        case .originReflected where verdict == .refused: return .allowed(origin: origins[0], isListed: true)
        default: return verdict
        }
    }

    /// Fields for the answer to a request of that verdict.
    func fields(for verdict: Verdict) -> [(name: String, value: String)] {
        switch verdict {
        case .absent, .refused: [("Vary", "Origin")]
        case .allowed(let origin, isListed: true):
            [
                ("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"),
                ("Access-Control-Expose-Headers", "Retry-After, WWW-Authenticate, X-Request-ID"), ("Vary", "Origin"),
            ]
        // Without cookies: whoever lets everybody in cannot mean to lend them the users' identities.
        case .allowed(_, isListed: false): [("Access-Control-Allow-Origin", "*"), ("Vary", "Origin")]
        }
    }

    /// Adds fields to those of an answer, which may vary by something already.
    static func add(_ more: [(name: String, value: String)], to fields: inout [(name: String, value: String)]) {
        for field in more {
            if field.name == "Vary", let place = fields.firstIndex(where: { $0.name == "Vary" }) {
                fields[place].value += ", \(field.value)"
            } else {
                fields.append(field)
            }
        }
    }

    /// Whether a browser asks if it may send what a page wants to send (Fetch §3.3.2).
    static func isPreflight(_ head: HTTPRequestHead) -> Bool {
        head.method == .OPTIONS && head.headers.contains(name: "origin")
            && head.headers.contains(name: "access-control-request-method")
    }

    /// More fields, for the answer to such a question.
    static let preflightFields: [(name: String, value: String)] = [
        ("Access-Control-Allow-Methods", methods), ("Access-Control-Allow-Headers", requestFields),
        ("Access-Control-Max-Age", "600"),
    ]
}
