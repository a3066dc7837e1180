import Crypto
import NIOHTTP1
import SubscriptionProtocols

/// What a server checks before it answers a request with 101 (RFC 6455 §4.2.1), and what it answers (§4.2.2).
struct WebSocketHandshake: Equatable {
    /// The value of `Sec-WebSocket-Accept`.
    let accept: String
    /// The first offered subprotocol that is spoken here, since clients offer what they like best first; nil when none
    /// is.
    let subprotocol: Subprotocol?

    /// Why a request is not upgraded.
    enum Refusal: Error, Equatable {
        /// The method is not GET.
        case method
        /// HTTP/1.0 or older.
        case httpVersion
        /// `Connection` or `Upgrade` do not ask for it.
        case notAnUpgrade
        /// `Sec-WebSocket-Version` is missing or not 13.
        case version
        /// `Sec-WebSocket-Key` is missing, repeated or not 16 bytes in base64.
        case key
        /// The request has a body.
        case body
    }

    /// Whether the request asks for a WebSocket at all, rightly or not.
    static func isAsked(by head: HTTPRequestHead) -> Bool {
        self.tokens(of: "upgrade", in: head).contains { $0.lowercased() == "websocket" }
            || head.headers.contains(name: "sec-websocket-key")
            || head.headers.contains(name: "sec-websocket-version")
    }

    /// The answer to a request.
    /// - Throws: `Refusal` with the first rule that it breaks.
    static func check(_ head: HTTPRequestHead) throws(Refusal) -> WebSocketHandshake {
        guard head.method == .GET else { throw .method }
        guard head.version.minor >= 1 else { throw .httpVersion }
        guard self.tokens(of: "connection", in: head).contains(where: { $0.lowercased() == "upgrade" }),
            self.tokens(of: "upgrade", in: head).contains(where: { $0.lowercased() == "websocket" })
        else { throw .notAnUpgrade }
        guard head.headers["sec-websocket-version"].map(self.trimmed) == ["13"] else { throw .version }
        let keys = head.headers["sec-websocket-key"].map(self.trimmed)
        guard keys.count == 1, Base64.decodedCount(keys[0]) == 16 else { throw .key }
        guard !head.headers.contains(name: "transfer-encoding"),
            head.headers["content-length"].allSatisfy({ self.trimmed($0) == "0" })
        else { throw .body }
        let offers = self.tokens(of: "sec-websocket-protocol", in: head)
        return WebSocketHandshake(
            accept: self.accept(for: keys[0]),
            // Tokens are compared as they are (RFC 6455 §11.3.4 leaves them to the registry, which is case-sensitive).
            subprotocol: offers.lazy.compactMap { Subprotocol(rawValue: $0) }.first)
    }

    /// The proof of having read the key (§4.2.2, step 5.4). SHA-1 is what the RFC asks for; no secret hangs on it.
    static func accept(for key: String, salt: String = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11") -> String {
        let text = key + salt
        return Base64.encode(Array(Insecure.SHA1.hash(data: Array(text.utf8))))
    }

    /// The elements of a list that may be spread over several lines (RFC 9110 §5.3, §5.6.1).
    private static func tokens(of name: String, in head: HTTPRequestHead) -> [String] {
        head.headers[name].flatMap { $0.split(separator: ",") }.map { self.trimmed($0) }.filter { !$0.isEmpty }
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = text.drop(while: isSpace)
        return String(start[..<(start.lastIndex { !isSpace($0) }.map { start.index(after: $0) } ?? start.startIndex)])
    }
}

extension WebSocketHandshake {
    /// What a refusal says about upgrading properly (RFC 6455 §4.4, RFC 9110 §15.5.22).
    static let upgradeFields: [(name: String, value: String)] = [
        ("Sec-WebSocket-Version", "13"), ("Upgrade", "websocket"), ("Connection", "Upgrade"),
    ]

    /// The answer that makes the connection a WebSocket.
    func answer(selecting subprotocol: Subprotocol?) -> HTTPAnswer {
        var fields = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", self.accept)]
        if let subprotocol {
            fields.append(("Sec-WebSocket-Protocol", subprotocol.rawValue))
        }
        return HTTPAnswer(.switchingProtocols, fields: fields)
    }
}
