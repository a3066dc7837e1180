import NIOHTTP1
import Testing

@testable import SubscriptionServer

@Suite struct WebSocketHandshakeTests {
    private static let key = "dGhlIHNhbXBsZSBub25jZQ=="

    private static func head(
        method: HTTPMethod = .GET, version: HTTPVersion = .http1_1, without name: String? = nil,
        _ fields: [(String, String)] = []
    ) -> HTTPRequestHead {
        let usual = [
            ("Host", "test"), ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", self.key), ("Sec-WebSocket-Protocol", "graphql-transport-ws"),
        ]
        let names = Set(fields.map { $0.0.lowercased() } + [name?.lowercased()].compactMap { $0 })
        return HTTPRequestHead(
            version: version, method: method, uri: "/graphql",
            headers: HTTPHeaders(usual.filter { !names.contains($0.0.lowercased()) } + fields))
    }

    @Test func theSampleOfTheRFC() throws {
        let handshake = try WebSocketHandshake.check(Self.head())
        #expect(handshake.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(handshake.subprotocol == .transportWS)
    }

    @Test(arguments: [
        [("Connection", "keep-alive, Upgrade"), ("Upgrade", "WebSocket")],
        [("connection", "UPGRADE"), ("upgrade", "WEBSOCKET")],
        [("Connection", "keep-alive"), ("Connection", " upgrade ")],
        [("Upgrade", "h2c, websocket")],
        [("Content-Length", "0")],
        [("Sec-WebSocket-Extensions", "x-foo; a=1")],
        [("Sec-WebSocket-Version", " 13 ")],
    ])
    func validForms(fields: [(String, String)]) throws {
        #expect(try WebSocketHandshake.check(Self.head(fields)).subprotocol == .transportWS)
    }

    @Test(
        arguments: [
            (["foo, graphql-transport-ws, bar"], .transportWS), (["bar, graphql-transport-ws, foo"], .transportWS),
            (["a,graphql-transport-ws"], .transportWS), (["a ,   graphql-transport-ws  , b"], .transportWS),
            (["a", "graphql-transport-ws"], .transportWS), (["graphql-transport-ws", "a"], .transportWS),
            (["graphql-ws, graphql-transport-ws"], .legacyWS), (["graphql-transport-ws, graphql-ws"], .transportWS),
            (["graphql-ws", "graphql-transport-ws"], .legacyWS), (["foo", "graphql-ws , bar"], .legacyWS),
            (["graphql-ws"], .legacyWS), ([], nil), (["foo"], nil), (["GRAPHQL-TRANSPORT-WS"], nil),
            (["Graphql-WS"], nil), (["graphql-subscriptions"], nil), (["graphql-transport-ws2"], nil), ([""], nil),
            ([",,"], nil),
        ] as [([String], Subprotocol?)])
    func subprotocols(lines: [String], selected: Subprotocol?) throws {
        let head = Self.head(without: "Sec-WebSocket-Protocol", lines.map { ("Sec-WebSocket-Protocol", $0) })
        #expect(try WebSocketHandshake.check(head).subprotocol == selected)
    }

    @Test(
        arguments: [
            (WebSocketHandshakeTests.head(method: .POST), .method),
            (WebSocketHandshakeTests.head(version: .http1_0), .httpVersion),
            (WebSocketHandshakeTests.head([("Connection", "keep-alive")]), .notAnUpgrade),
            (WebSocketHandshakeTests.head(without: "Connection"), .notAnUpgrade),
            (WebSocketHandshakeTests.head([("Upgrade", "h2c")]), .notAnUpgrade),
            (WebSocketHandshakeTests.head(without: "Upgrade"), .notAnUpgrade),
            (WebSocketHandshakeTests.head([("Sec-WebSocket-Version", "12")]), .version),
            (WebSocketHandshakeTests.head([("Sec-WebSocket-Version", "14")]), .version),
            (WebSocketHandshakeTests.head([("Sec-WebSocket-Version", "13, 8")]), .version),
            (WebSocketHandshakeTests.head(without: "Sec-WebSocket-Version"), .version),
            (WebSocketHandshakeTests.head(without: "Sec-WebSocket-Key"), .key),
            (WebSocketHandshakeTests.head([("Sec-WebSocket-Key", "")]), .key),
            (WebSocketHandshakeTests.head([("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25j")]), .key),
            (WebSocketHandshakeTests.head([("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZWU=")]), .key),
            (WebSocketHandshakeTests.head([("Sec-WebSocket-Key", "?Ghl IHNhbXBsZSBub25jZQ==")]), .key),
            (
                WebSocketHandshakeTests.head([
                    ("Sec-WebSocket-Key", WebSocketHandshakeTests.key), ("Sec-WebSocket-Key", "x"),
                ]), .key
            ),
            (WebSocketHandshakeTests.head([("Content-Length", "1")]), .body),
            (WebSocketHandshakeTests.head([("Transfer-Encoding", "chunked")]), .body),
        ] as [(HTTPRequestHead, WebSocketHandshake.Refusal)])
    func refusals(head: HTTPRequestHead, refusal: WebSocketHandshake.Refusal) {
        #expect(throws: refusal) { try WebSocketHandshake.check(head) }
        #expect(WebSocketHandshake.isAsked(by: head))
    }

    @Test func anOrdinaryRequestAsksForNothing() {
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/graphql", headers: ["Upgrade": "h2c"])
        #expect(!WebSocketHandshake.isAsked(by: head))
    }
}

@Suite struct Base64Tests {
    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func encodes(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(encoded.isEmpty || Base64.decodedCount(encoded) == text.utf8.count)
    }

    @Test(arguments: ["", "Zg", "Zg=", "Z===", "Zm9v=", "Zm 9", "Zm9-", "====", "Zg==Zg=="])
    func refuses(text: String) {
        #expect(Base64.decodedCount(text) == nil)
    }
}
