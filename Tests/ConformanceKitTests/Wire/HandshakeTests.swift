import Testing

@testable import ConformanceKit

@Suite struct HandshakeTests {
    private let endpoint = Target.Endpoint(host: "127.0.0.1", port: 4000, path: "/graphql")

    @Test func acceptValueOfTheSampleKey() {
        // RFC 6455 §1.3.
        #expect(UpgradeRequest.accept(for: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    }

    @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
    func base64(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
    }

    @Test func buildsARequest() {
        let request = UpgradeRequest(StepPlayer.plainConnection("c1", "transport-ws"), endpoint: self.endpoint)
        let text = String(decoding: request.bytes, as: UTF8.self)
        #expect(text.hasPrefix("GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:4000\r\n"))
        #expect(text.contains("\r\nSec-WebSocket-Key: \(request.key)\r\n"))
        #expect(text.contains("\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
        #expect(request.key.utf8.count == 24)
    }

    @Test func headersCanBeTakenAwayReplacedAndRepeated() {
        var arguments = StepPlayer.plainConnection("c1", "transport-ws")
        arguments.offer = []
        arguments.headers = [("sec-websocket-key", []), ("Upgrade", ["a", "b"])]
        arguments.headerLines = ["X: y"]
        let text = String(decoding: UpgradeRequest(arguments, endpoint: self.endpoint).bytes, as: UTF8.self)
        #expect(!text.lowercased().contains("sec-websocket-key"))
        #expect(!text.contains("Sec-WebSocket-Protocol"))
        #expect(text.contains("\r\nUpgrade: a\r\nUpgrade: b\r\nX: y\r\n\r\n"))
    }

    @Test func aVerbatimRequestIsFilledIn() {
        var arguments = StepPlayer.plainConnection("c1", "transport-ws")
        arguments.request = "GET {{path}} HTTP/1.1\r\nHost: {{host}}\r\nK: {{key}}\r\n\r\n"
        let request = UpgradeRequest(arguments, endpoint: self.endpoint)
        #expect(
            String(decoding: request.bytes, as: UTF8.self)
                == "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:4000\r\nK: \(request.key)\r\n\r\n")
    }

    @Test func readsAnAnswerInAnyPieces() throws {
        let key = "dGhlIHNhbXBsZSBub25jZQ=="
        let head =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        let bytes = Array(head.utf8) + [0x81, 0x00]
        for cut in 1..<bytes.count {
            var parser = ResponseParser(key: key)
            var progress = parser.append(Array(bytes[..<cut]))
            var rest: [UInt8] = []
            if case .needsMore = progress {
                progress = parser.append(Array(bytes[cut...]))
            } else {
                rest = Array(bytes[cut...])
            }
            guard case .response(let response, let more) = progress else {
                Issue.record("no answer at cut \(cut)")
                continue
            }
            #expect(response.status == 101)
            #expect(response.upgradeProblem == nil)
            #expect(more + rest == [0x81, 0x00])
        }
    }

    @Test func seesAWrongAcceptValue() {
        var parser = ResponseParser(key: "AAAA")
        let head = "HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n"
        guard case .response(let response, _) = parser.append(Array(head.utf8)) else {
            Issue.record("no answer")
            return
        }
        #expect(response.upgradeProblem == "Sec-WebSocket-Accept does not belong to the key")
    }

    @Test func waitsForABody() {
        var parser = ResponseParser(key: nil)
        let head = Array("HTTP/1.1 400 Bad\r\nContent-Length: 4\r\n\r\nab".utf8)
        guard case .needsMore = parser.append(head) else {
            Issue.record("the body is not whole")
            return
        }
        guard case .response(let response, _) = parser.append(Array("cd".utf8)) else {
            Issue.record("the body is whole")
            return
        }
        #expect(response.body.text == "abcd")
    }

    @Test(arguments: [
        "nonsense\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    ])
    func refusesWhatIsNoAnswer(text: String) {
        var parser = ResponseParser(key: nil)
        guard case .unreadable = parser.append(Array(text.utf8)) else {
            Issue.record("this was read as an answer")
            return
        }
    }

    @Test(arguments: [
        ("ws://127.0.0.1:4000/graphql", "127.0.0.1", 4000, "/graphql"), ("http://[::1]:80/a?b", "::1", 80, "/a?b"),
        ("ws://host", "host", 80, "/"),
    ])
    func readsURLs(url: String, host: String, port: Int, path: String) {
        #expect(Target.Endpoint(url: url) == .init(host: host, port: port, path: path))
    }

    @Test(arguments: ["ftp://a", "ws://", "ws://a:0/", "ws://a:x/"])
    func refusesURLs(url: String) {
        #expect(Target.Endpoint(url: url) == nil)
    }
}
