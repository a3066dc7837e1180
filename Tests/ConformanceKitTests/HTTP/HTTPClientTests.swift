import ConformanceKit
import Testing

@Suite struct HTTPClientTests {
    @Test func aResponseComesBackWhole() async throws {
        let peer = try await ScriptedPeer(
            reply: "HTTP/1.1 405 Nope\r\nAllow: POST\r\nX-Twice: a\r\nx-twice:  b \r\nContent-Length: 2\r\n\r\nhi")
        let client = HTTPClient(threads: 1)
        let response = try await client.send(
            HTTPRequest(
                method: "POST", url: "http://127.0.0.1:\(peer.port)/a/../b",
                headers: [HTTPHeader(name: "X-Empty", value: "")], body: Array("{}".utf8)))
        await client.shutdown()
        try await peer.stop()
        #expect(response.status == 405)
        #expect(response.values(of: "X-TWICE") == ["a", "b"])
        #expect(response.body == Array("hi".utf8))
        #expect(peer.received.hasPrefix("POST /a/../b HTTP/1.1\r\n"))
        #expect(peer.received.contains("\r\nX-Empty:\r\n"))
        #expect(peer.received.hasSuffix("\r\n\r\n{}"))
        #expect(!peer.received.contains("Content-Type"))
    }

    @Test func anEmptyBodyIsABody() async throws {
        let peer = try await ScriptedPeer(reply: "HTTP/1.1 204 No Content\r\n\r\n")
        let client = HTTPClient(threads: 1)
        let response = try await client.send(
            HTTPRequest(method: "POST", url: "http://127.0.0.1:\(peer.port)/", body: []))
        await client.shutdown()
        try await peer.stop()
        #expect(response.status == 204)
        #expect(peer.received.contains("\r\nContent-Length: 0\r\n"))
    }

    @Test(arguments: [
        (reply: "", timeout: Duration.milliseconds(150), kind: HTTPClientError.Kind.timedOut),
        (reply: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", timeout: .seconds(5), kind: .connectionLost),
        (
            reply: "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 65), timeout: .seconds(5),
            kind: .bodyTooLarge
        ),
        (reply: "no such thing\r\n\r\n", timeout: .seconds(5), kind: .other),
    ])
    func failuresAreToldApart(reply: String, timeout: Duration, kind: HTTPClientError.Kind) async throws {
        let peer = try await ScriptedPeer(reply: reply)
        let client = HTTPClient(threads: 1)
        let error = await #expect(throws: HTTPClientError.self) {
            try await client.send(
                HTTPRequest(url: "http://127.0.0.1:\(peer.port)/", timeout: timeout, maximumBodyBytes: 64))
        }
        await client.shutdown()
        try await peer.stop()
        #expect(error?.kind == kind)
    }

    @Test func nobodyListensAndBadURLs() async throws {
        let peer = try await ScriptedPeer(reply: "")
        try await peer.stop()
        let client = HTTPClient(threads: 1)
        let refused = await #expect(throws: HTTPClientError.self) {
            try await client.send(HTTPRequest(url: "http://127.0.0.1:\(peer.port)/"))
        }
        let scheme = await #expect(throws: HTTPClientError.self) {
            try await client.send(HTTPRequest(url: "file:///etc/hostname"))
        }
        await client.shutdown()
        #expect(refused?.kind == .cannotConnect)
        #expect(scheme?.kind == .badURL)
    }
}
