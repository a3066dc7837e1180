import NIOCore
import SubscriptionProtocols

/// What a path leads to when its request asks for a WebSocket.
enum SocketTarget: Sendable {
    /// The GraphQL dialects.
    case graphql
    /// A route of the application, with the parameters of the path.
    case route(SocketRoute, parameters: [String: String])

    /// The target of a path; nil when no WebSocket is spoken there.
    static func find(_ path: Substring, in server: ServerContext) -> SocketTarget? {
        let configuration = server.configuration
        if path == configuration.graphqlPath || path == configuration.socketPath { return .graphql }
        for route in server.socketRoutes {
            if let parameters = route.pattern.match(path) { return .route(route, parameters: parameters) }
        }
        return nil
    }
}

/// A GraphQL dialect, by the token that selects it (RFC 6455 §1.9).
enum Subprotocol: String, Sendable, CaseIterable {
    /// The current dialect.
    case transportWS = "graphql-transport-ws"
    /// The dialect of old clients.
    case legacyWS = "graphql-ws"

    /// What speaks it on a socket.
    func speaker(on socket: WebSocketHandler, eventLoop: any EventLoop) -> any SocketSpeaker {
        switch (self, socket.server.misbehaviour) {
        case (.transportWS, _), (.legacyWS, .legacyModernMessages):
            TransportWSSpeaker(socket: socket, eventLoop: eventLoop)
        case (.legacyWS, _): LegacyWSSpeaker(socket: socket, eventLoop: eventLoop)
        }
    }
}
