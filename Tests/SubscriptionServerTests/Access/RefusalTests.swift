import GraphQLCore
import NIOHTTP1
import SubscriptionProtocols
import Testing

@testable import SubscriptionServer

@Suite("Refusals")
struct RefusalTests {
    @Test("Each kind in the words of each transport")
    func kinds() {
        let rows: [(ConnectionRefusal.Kind, UInt, Close, JSONObject, [String])] = [
            (.unauthenticated, 401, .forbidden, ["code": "UNAUTHENTICATED"], [#"Bearer error="invalid_token""#]),
            (.forbidden, 403, .forbidden, ["code": "FORBIDDEN"], []),
            (.unavailable(retryAfter: nil), 503, .tryAgainLater, ["code": "EVENTS_UNAVAILABLE"], []),
            (
                .unavailable(retryAfter: 7), 503, .tryAgainLater, ["code": "EVENTS_UNAVAILABLE", "retryAfter": 7],
                ["7"]
            ),
        ]
        for (kind, status, close, extensions, fields) in rows {
            let refusal = ConnectionRefusal(kind, "a secret reason")
            #expect(refusal.status.code == status)
            #expect(refusal.close == close)
            #expect(refusal.error.extensions == extensions)
            #expect(refusal.fields.map(\.value) == fields)
            #expect(!"\(refusal.error)\(refusal.close)".contains("secret"))
        }
        #expect(ConnectionRefusal("x") == ConnectionRefusal(.forbidden, "x"))
    }
}
