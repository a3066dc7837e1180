import NIOCore
import NIOHTTP1

/// A whole HTTP request.
struct HTTPCall: Sendable {
    var head: HTTPRequestHead
    var body: ByteBuffer
    /// The address of the client, when it is known.
    var peer: String?
    /// The event loop of the connection.
    var eventLoop: any EventLoop

    /// The path of the target, as it came.
    var path: Substring {
        self.head.uri.prefix { $0 != "?" && $0 != "#" }
    }

    /// What stands behind the question mark; empty without one.
    var query: Substring {
        guard let mark = self.head.uri.firstIndex(of: "?") else { return "" }
        return self.head.uri[self.head.uri.index(after: mark)...].prefix { $0 != "#" }
    }

    /// What a connection gate is told.
    var facts: HandshakeFacts { HandshakeFacts(self.head, peer: self.peer) }
}

extension HandshakeFacts {
    /// The facts in the head of a request.
    init(_ head: HTTPRequestHead, peer: String?) {
        self.init(
            target: head.uri, fields: head.headers.map { Field(name: $0.name.lowercased(), value: $0.value) },
            peer: peer)
    }
}
