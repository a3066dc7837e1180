import Foundation
import Synchronization

@testable import ConformanceKit

/// A GraphQL server of the tests: both WebSocket dialects, both modes of event streams, and HTTP. It has topics, and
/// answers every other operation with `{"__typename":"Query"}`.
final class FakeGraphQL: Sendable {
    private struct Subscriber {
        var peer: FakePeer.Peer
        var id: String
        var topic: String
        var style: Style
    }

    private enum Style { case modern, legacy, distinct, shared }

    private struct State {
        var subscribers: [Subscriber] = []
        var shared: [String: FakePeer.Peer] = [:]
        /// Operations of streams that are not open yet.
        var held: [String: [JSON]] = [:]
        var tokens = 0
    }

    private let state = Mutex(State())
    /// Has a file with the name of each token that was taken back.
    private let revoked = NSTemporaryDirectory() + "revoked-\(UUID().uuidString)"

    init() throws {
        try FileManager.default.createDirectory(atPath: self.revoked, withIntermediateDirectories: false)
    }

    /// The command that takes a token back, in the words of a profile.
    var revoke: [String] { ["touch", "\(self.revoked)/{{token_id}}"] }

    deinit { try? FileManager.default.removeItem(atPath: self.revoked) }

    /// The behaviour for a `FakePeer`.
    func behave(_ peer: FakePeer.Peer, _ event: FakePeer.Event) {
        switch event {
        case .request(let request) where request.header("Upgrade") != nil:
            let offered = request.header("Sec-WebSocket-Protocol") ?? ""
            peer["dialect"] = offered.contains("graphql-transport-ws") ? "modern" : "legacy"
            peer.upgrade(request, offered.contains("graphql-transport-ws") ? "graphql-transport-ws" : "graphql-ws")
        case .request(let request): self.answer(request, peer)
        case .frame(let frame): self.take(frame, peer)
        case .closed: self.state.withLock { $0.subscribers.removeAll { $0.peer === peer } }
        }
    }

    // MARK: Sockets

    private func take(_ frame: WireFrame, _ peer: FakePeer.Peer) {
        if frame.opcode == Opcode.close {
            peer.send(
                FrameWriter.bytes(RawFrame(opcode: Opcode.close, payload: frame.payload.bytes, masked: false)))
            peer.close()
            return
        }
        guard frame.opcode == Opcode.text, let message = try? JSONParser.parse(frame.payload.bytes) else { return }
        let id = message["id"]?.stringValue ?? ""
        switch message["type"]?.stringValue {
        case "connection_init":
            guard self.isWelcome(message["payload"]?["Authorization"]?.stringValue) else {
                let reason = [UInt8(0x11), 0x33] + Array("Forbidden".utf8)
                peer.send(FrameWriter.bytes(RawFrame(opcode: Opcode.close, payload: reason, masked: false)))
                peer.close()
                return
            }
            peer.message(#"{"type":"connection_ack"}"#)
            if peer["dialect"] == "legacy" { peer.message(#"{"type":"ka"}"#) }
        case "ping": peer.message(#"{"type":"pong","payload":\#((message["payload"] ?? .null).text)}"#)
        case "subscribe": self.run(message["payload"] ?? .null, id: id, peer, .modern)
        case "start": self.run(message["payload"] ?? .null, id: id, peer, .legacy)
        case "complete", "stop":
            self.end(id, of: peer)
            if peer["dialect"] == "legacy" { self.complete(id, peer, .legacy) }
        case "connection_terminate":
            peer.send(FrameWriter.bytes(RawFrame(opcode: Opcode.close, payload: [], masked: false)))
            peer.close()
        default: return
        }
    }

    private func end(_ id: String, of peer: FakePeer.Peer) {
        self.state.withLock { $0.subscribers.removeAll { $0.peer === peer && $0.id == id } }
    }

    /// Without a token everybody is; with one it has to be signed, in time, and not taken back.
    private func isWelcome(_ value: String?) -> Bool {
        guard let value else { return true }
        let parts = value.dropFirst("Bearer ".count).split(separator: ".").map(String.init)
        guard parts.count == 3, let claims = Base64.decodeFromURL(parts[1]).flatMap({ try? JSONParser.parse($0) }),
            let signature = try? SigningKey.hmac(
                Array("\(parts[0]).\(parts[1])".utf8), key: Array("secret-of-the-fake".utf8), algorithm: "HS256")
        else { return false }
        return Base64.encodeForURL(signature) == parts[2]
            && claims["exp"]?.doubleValue ?? 0 > Date().timeIntervalSince1970
            && !FileManager.default.fileExists(atPath: "\(self.revoked)/\(claims["jti"]?.stringValue ?? "")")
    }

    // MARK: Operations

    private func run(_ payload: JSON, id: String, _ peer: FakePeer.Peer, _ style: Style) {
        let query = payload["query"]?.stringValue ?? ""
        let topic = payload["variables"]?["topic"]?.stringValue ?? ""
        if query.hasPrefix("subscription") {
            self.state.withLock {
                $0.subscribers.append(Subscriber(peer: peer, id: id, topic: topic, style: style))
            }
            return
        }
        self.deliver(self.result(payload), id, peer, style)
        self.complete(id, peer, style)
    }

    /// Carries out a query or a mutation.
    private func result(_ payload: JSON) -> String {
        guard payload["query"]?.stringValue?.hasPrefix("mutation") ?? false else {
            return #"{"data":{"__typename":"Query"}}"#
        }
        let topic = payload["variables"]?["topic"]?.stringValue ?? ""
        let nonce = payload["variables"]?["nonce"]?.stringValue ?? ""
        for subscriber in self.state.withLock({ $0.subscribers.filter { $0.topic == topic } }) {
            self.deliver(#"{"data":{"topic":"\#(nonce)"}}"#, subscriber.id, subscriber.peer, subscriber.style)
        }
        return #"{"data":{"publish":true}}"#
    }

    private func deliver(_ result: String, _ id: String, _ peer: FakePeer.Peer, _ style: Style) {
        let name = JSON.string(id).text
        switch style {
        case .modern: peer.message(#"{"id":\#(name),"type":"next","payload":\#(result)}"#)
        case .legacy: peer.message(#"{"id":\#(name),"type":"data","payload":\#(result)}"#)
        case .distinct: peer.chunk("event: next\ndata: \(result)\n\n")
        case .shared: peer.chunk("event: next\ndata: {\"id\":\(name),\"payload\":\(result)}\n\n")
        }
    }

    private func complete(_ id: String, _ peer: FakePeer.Peer, _ style: Style) {
        let name = JSON.string(id).text
        switch style {
        case .modern: peer.message(#"{"id":\#(name),"type":"complete"}"#)
        case .legacy: peer.message(#"{"id":\#(name),"type":"complete","payload":null}"#)
        case .distinct:
            peer.chunk("event: complete\ndata:\n\n")
            peer.send("0\r\n\r\n")
        case .shared: peer.chunk("event: complete\ndata: {\"id\":\(name)}\n\n")
        }
    }

    // MARK: HTTP

    private static let streamHead =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n:\n\n\r\n"

    private func answer(_ request: FakePeer.Request, _ peer: FakePeer.Peer) {
        let token = request.header("X-GraphQL-Event-Stream-Token") ?? Self.parameter("token", of: request.target)
        let payload = (try? JSONParser.parse(request.body)) ?? .null
        switch (request.method, token) {
        case ("PUT", _):
            let number = self.state.withLock { state in
                state.tokens += 1
                return state.tokens
            }
            peer.answer(201, "token-\(number)", type: "text/plain")
        case ("GET", let token?):
            let held = self.state.withLock { state in
                state.shared[token] = peer
                return state.held.removeValue(forKey: token) ?? []
            }
            peer.send(Self.streamHead)
            for payload in held { self.run(payload, id: Self.operationID(payload), peer, .shared) }
        case ("DELETE", let token?):
            guard let stream = self.state.withLock({ $0.shared[token] }) else { return peer.answer(404, "{}") }
            let id = Self.parameter("operationId", of: request.target) ?? ""
            self.end(id, of: stream)
            peer.answer(200, "")
            self.complete(id, stream, .shared)
        case ("POST", let token?):
            peer.answer(202, "")
            guard let stream = self.state.withLock({ $0.shared[token] }) else {
                return self.state.withLock { $0.held[token, default: []].append(payload) }
            }
            self.run(payload, id: Self.operationID(payload), stream, .shared)
        case ("POST", nil) where request.header("Accept") == "text/event-stream":
            peer.send(Self.streamHead)
            self.run(payload, id: "", peer, .distinct)
        case ("POST", nil) where payload["query"] != nil: peer.answer(200, self.result(payload))
        case ("POST", nil): peer.answer(400, #"{"errors":[{"message":"Missing query"}]}"#)
        default: peer.answer(405, "", type: "text/plain")
        }
    }

    private static func operationID(_ payload: JSON) -> String {
        payload["extensions"]?["operationId"]?.stringValue ?? ""
    }

    private static func parameter(_ name: String, of target: String) -> String? {
        guard let query = target.split(separator: "?", maxSplits: 1).dropFirst().first else { return nil }
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            if parts.count == 2, parts[0] == name { return String(parts[1]) }
        }
        return nil
    }

    /// The server as the player needs to know it.
    static func target(port: Int) -> Target {
        let endpoint = Target.Endpoint(host: "127.0.0.1", port: port, path: "/graphql")
        var target = Target(
            name: "fake",
            endpoints: ["transport-ws": endpoint, "legacy-ws": endpoint, "sse": endpoint, "http": endpoint],
            features: ["sse.single": true],
            profile: .object([.init("degrade", .object([.init("existing_streams", .string("keep"))]))]),
            stream: .init(
                document: "subscription ($topic: String!) { topic(name: $topic) }",
                variables: .object([.init("topic", .string("{{topic}}"))]), noncePath: "data.topic"),
            emit: .mutation(
                document: "mutation ($topic: String!, $nonce: String!) { publish(name: $topic, value: $nonce) }",
                variables: .object([
                    .init("topic", .string("{{topic}}")), .init("nonce", .string("{{nonce}}")),
                ])))
        target.declared.auth = Profile.Auth(
            carry: ["transport-ws": .initPayload("Authorization"), "http": .header("Authorization")],
            format: "Bearer {{token}}",
            mint: .jwt(
                Profile.JWT(
                    algorithm: "HS256", secret: "secret-of-the-fake",
                    claims: .object([
                        .init("sub", .string("{{subject}}")), .init("tenant", .string("{{tenant}}")),
                        .init("exp", .string("{{expires}}")), .init("jti", .string("{{token_id}}")),
                    ]))),
            subjects: ["alice": .init(tenant: "acme"), "bob": .init(tenant: "globex")])
        return target
    }
}
