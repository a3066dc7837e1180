import GraphQLCore
import SubscriptionServer
import Testing

@testable import reference_server

@Suite("Where tokens are carried")
struct TokenCarriersTests {
    private func find(
        _ payload: JSONObject? = nil, target: String = "/graphql", _ fields: [(String, String)] = []
    ) -> TokenCarriers.Finding? {
        TokenCarriers().all(
            initPayload: payload,
            HandshakeFacts(target: target, fields: fields.map { .init(name: $0.0, value: $0.1) })
        ).first
    }

    @Test(
        "In the payload of connection_init",
        arguments: [
            (["Authorization": "Bearer t"], .token("t", place: "connection_init Authorization")),
            (["authorization": "bearer t"], .token("t", place: "connection_init authorization")),
            (["token": "t"], .token("t", place: "connection_init token")),
            (["access_token": "t"], .token("t", place: "connection_init access_token")),
            (["headers": ["Authorization": "BEARER  t"]], .token("t", place: "connection_init headers.Authorization")),
            (["headers": ["authorization": "Bearer t"]], .token("t", place: "connection_init headers.authorization")),
            (["token": "u", "Authorization": "Bearer t"], .token("t", place: "connection_init Authorization")),
            (["access_token": "u", "token": "t"], .token("t", place: "connection_init token")),
            (["token": nil, "access_token": "t"], .token("t", place: "connection_init access_token")),
            (["Authorization": "t"], .unreadable(place: "connection_init Authorization")),
            (["Authorization": "Basic dDp0"], .unreadable(place: "connection_init Authorization")),
            (["Authorization": "Bearer"], .unreadable(place: "connection_init Authorization")),
            (["Authorization": ""], .unreadable(place: "connection_init Authorization")),
            (["Authorization": "Basic x", "token": "t"], .unreadable(place: "connection_init Authorization")),
            (["token": 7], .unreadable(place: "connection_init token")),
            (["token": ["t"]], .unreadable(place: "connection_init token")),
            (["token": ""], .token("", place: "connection_init token")),
            (["Token": "t", "headers": "t", "other": 1], nil), ([:], nil),
        ] as [(JSONObject, TokenCarriers.Finding?)])
    func payload(payload: JSONObject, finding: TokenCarriers.Finding?) {
        #expect(self.find(payload) == finding)
    }

    @Test(
        "In the query",
        arguments: [
            ("/graphql?token=t", .token("t", place: "query token")),
            ("/graphql?a=b&token=t%2Eu&c", .token("t.u", place: "query token")),
            ("/graphql?access_token=t", .token("t", place: "query access_token")),
            ("/graphql?access_token=u&token=t", .token("t", place: "query token")),
            ("/graphql?%74oken=t", .token("t", place: "query token")),
            ("/graphql?token=t#token=u", .token("t", place: "query token")),
            ("/graphql?token=", .token("", place: "query token")),
            ("/graphql?token", .unreadable(place: "query token")),
            ("/graphql?token=t&token=t", .unreadable(place: "query token")),
            ("/graphql?token=%zz", .unreadable(place: "query token")),
            ("/graphql?token=%ff", .unreadable(place: "query token")),
            ("/graphql?token=%2", .unreadable(place: "query token")),
            ("/graphql/stream?token=reservation", nil),
            ("/graphql/stream?token=reservation&access_token=t", .token("t", place: "query access_token")),
            ("/graphql?tokens=t", nil), ("/graphql?", nil), ("/graphql?&&=", nil),
            ("/token=t", nil),
        ] as [(String, TokenCarriers.Finding?)])
    func query(target: String, finding: TokenCarriers.Finding?) {
        #expect(self.find(target: target) == finding)
    }

    @Test(
        "In header fields",
        arguments: [
            ([("authorization", "Bearer t")], .token("t", place: "header Authorization")),
            ([("authorization", "Digest t")], .unreadable(place: "header Authorization")),
            (
                [("authorization", "Bearer t"), ("authorization", "Bearer t")],
                .unreadable(place: "header Authorization")
            ),
            ([("cookie", "a=b; access_token=t; c=d")], .token("t", place: "cookie access_token")),
            ([("cookie", "a=b"), ("cookie", "access_token=t=u")], .token("t=u", place: "cookie access_token")),
            ([("cookie", "access_token")], .unreadable(place: "cookie access_token")),
            ([("cookie", "access_token=t; access_token=u")], .unreadable(place: "cookie access_token")),
            ([("cookie", "xaccess_token=t; ;"), ("x-access-token", "t")], nil),
            (
                [("cookie", "access_token=u"), ("authorization", "Bearer t")],
                .token("t", place: "header Authorization")
            ),
        ] as [([(String, String)], TokenCarriers.Finding?)])
    func fields(fields: [(String, String)], finding: TokenCarriers.Finding?) {
        #expect(self.find(fields: fields) == finding)
    }

    private func find(fields: [(String, String)]) -> TokenCarriers.Finding? { self.find(nil, fields) }

    @Test("The order: payload, query, header, cookie; what is first counts, good or bad")
    func order() {
        let fields = [("authorization", "Bearer h"), ("cookie", "access_token=c")]
        #expect(self.find(["token": "p"], target: "/?token=q", fields) == .token("p", place: "connection_init token"))
        #expect(self.find(nil, target: "/?token=q", fields) == .token("q", place: "query token"))
        #expect(self.find(nil, fields) == .token("h", place: "header Authorization"))
        #expect(
            self.find(["Authorization": "p"], target: "/?token=q", fields)
                == .unreadable(place: "connection_init Authorization"))
        #expect(self.find(nil, target: "/?token", fields) == .unreadable(place: "query token"))
    }
}
