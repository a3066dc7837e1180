import GraphQLCore
import SubscriptionServer

/// Where clients put their token, and how it is found.
///
/// The order is fixed: for a socket first the payload of `connection_init` (`Authorization`, `authorization`, `token`,
/// `access_token`, `headers.Authorization`, `headers.authorization`), then what its request brought; for a request the
/// query (`token`, `access_token`), the field `Authorization`, the cookie `access_token`. The first place that holds
/// anything is the one that counts: what is wrong there is not made good by another place.
struct TokenCarriers: Sendable {
    /// What was found.
    enum Finding: Equatable {
        /// The token and where it stood.
        case token(String, place: String)
        /// A place holds something that is no token.
        case unreadable(place: String)
    }

    /// The path on which the query's `token` is not a client's token but names an event stream (GraphQL over SSE,
    /// single connection mode).
    var streamPath = "/graphql/stream"
    /// Whether of several `Authorization` fields the first counts, instead of none; false in earnest.
    var takesFirstField = false

    /// What the payload and the request hold, in order. Only the first counts.
    func all(initPayload: JSONObject?, _ request: HandshakeFacts) -> [Finding] {
        let found = self.places(of: initPayload ?? [:]).compactMap { place, value, isBearer -> Finding? in
            guard let value, !value.isNull else { return nil }
            guard let text = value.stringValue, let token = isBearer ? Self.bearer(text) : text else {
                return .unreadable(place: place)
            }
            return .token(token, place: place)
        }
        return found + self.all(request)
    }

    /// What the request alone holds, in order. Only the first counts.
    func all(_ request: HandshakeFacts) -> [Finding] {
        [self.query(request.target), self.header(request), self.cookie(request)].compactMap { $0 }
    }

    private func places(of payload: JSONObject) -> [(place: String, value: JSONValue?, isBearer: Bool)] {
        let headers = payload["headers"]?.objectValue ?? [:]
        return [
            ("connection_init Authorization", payload["Authorization"], true),
            ("connection_init authorization", payload["authorization"], true),
            ("connection_init token", payload["token"], false),
            ("connection_init access_token", payload["access_token"], false),
            ("connection_init headers.Authorization", headers["Authorization"], true),
            ("connection_init headers.authorization", headers["authorization"], true),
        ]
    }

    private func query(_ target: String) -> Finding? {
        let parts = target.prefix { $0 != "#" }.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let names = parts[0] == self.streamPath ? ["access_token"] : ["token", "access_token"]
        let members = parts[1].split(separator: "&").map { member in
            member.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        }
        for name in names {
            let values = members.filter { Self.decoded($0[0]) == name }
            guard let first = values.first else { continue }
            guard values.count == 1, first.count == 2, let token = Self.decoded(first[1]) else {
                return .unreadable(place: "query \(name)")
            }
            return .token(token, place: "query \(name)")
        }
        return nil
    }

    private func header(_ request: HandshakeFacts) -> Finding? {
        let values = request.values(of: "authorization")
        guard let first = values.first else { return nil }
        guard values.count == 1 || self.takesFirstField, let token = Self.bearer(first) else {
            return .unreadable(place: "header Authorization")
        }
        return .token(token, place: "header Authorization")
    }

    /// RFC 6265 §4.2.1.
    private func cookie(_ request: HandshakeFacts) -> Finding? {
        var values: [[Substring]] = []
        for field in request.values(of: "cookie") {
            for pair in field.split(separator: ";") {
                let parts = pair.drop { $0 == " " }
                    .split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                if parts[0] == "access_token" { values.append(parts) }
            }
        }
        guard let first = values.first else { return nil }
        guard values.count == 1, first.count == 2 else { return .unreadable(place: "cookie access_token") }
        return .token(String(first[1]), place: "cookie access_token")
    }

    /// The credentials of the scheme Bearer (RFC 6750 §2.1); the scheme's name is compared without case.
    private static func bearer(_ value: String) -> String? {
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1].drop { $0 == " " })
    }

    /// A name or value of a query without its percent signs; nil when it has bad ones.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Self.hex), let low = rest.popFirst().flatMap(Self.hex) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hex(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
