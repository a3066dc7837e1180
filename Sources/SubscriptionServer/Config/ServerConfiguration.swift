package import NIOCore
package import SubscriptionProtocols

/// How the server listens, how long it waits and how much it takes. Every default is one to run with.
package struct ServerConfiguration: Sendable {
    /// The address to listen on.
    package var host = "127.0.0.1"
    /// The TCP port, 0...65535; 0 lets the system choose one.
    package var port = 4000
    /// Connections that may wait to be accepted.
    package var backlog = 1024
    /// The path of the WebSocket and of HTTP requests with operations.
    package var graphqlPath = "/graphql"
    /// Another path of the WebSocket, and of nothing else.
    package var socketPath = "/graphql/ws"

    /// What the server proves itself with; nil to speak without TLS.
    package var tls: TLSIdentity?

    /// How GraphQL over SSE is offered.
    package var eventStreams = EventStreamPolicy()
    /// How long the server waits.
    package var timeouts = Timeouts()
    /// How much the server takes.
    package var limits = Limits()
    /// How many clients the server takes, and how much of each.
    package var limitPolicy = LimitPolicy()
    /// What becomes of events that a client does not take.
    package var backPressure = BackPressurePolicy()
    /// Who may stay, and from where pages may come.
    package var access = AccessPolicy()
    /// Present only in test mode; needed by everything that no server should do in earnest.
    package var testMode: TestMode?

    package init() {}

    /// Durations of more than zero.
    package struct Timeouts: Sendable {
        /// From accepting the connection, or from the end of an answer, to the end of the next request's head. The body
        /// of a request has the same time again.
        package var handshake: TimeAmount = .seconds(10)
        /// From the upgrade to `connection_init` (close 4408).
        package var connectionInit: TimeAmount = .seconds(3)
        /// Between two WebSocket pings; a peer that has not answered one when the next is due is dropped. Also how long
        /// an event stream may be quiet before a comment is sent.
        package var keepAlive: TimeAmount = .seconds(12)
        /// From the server's close frame to the peer's; then TCP ends.
        package var closeEcho: TimeAmount = .seconds(5)
        /// From the end of the server's own sending to the peer's; then TCP ends.
        package var linger: TimeAmount = .seconds(1)
        /// From the beginning of a shutdown to cutting what is still connected.
        package var shutdown: TimeAmount = .seconds(10)

        package init() {}
    }

    /// All limits are inclusive.
    package struct Limits: Sendable {
        /// Bytes of one WebSocket message, fragments added up (close 1009).
        package var messageBytes = 4 << 20
        /// Bytes of an HTTP request's body (413).
        package var bodyBytes = 4 << 20
        /// Bytes of all header fields of a request (431).
        package var headerBytes = 64 << 10
        /// Bytes of one request line's target (414).
        package var targetBytes = 8 << 10
        /// Header fields of a request (431).
        package var headerFields = 100
        /// Bytes that may wait for a peer that takes nothing: those of all events in queues, and those of everything
        /// else, for which the connection is cut. One message counts as well, so this is also the longest message that
        /// such a peer can be sent.
        package var unsentBytes = 16 << 20
        /// Events of one source stream that wait for the execution of those before them; with one more the
        /// subscription fails.
        package var queuedEvents = 1024
        /// Levels of arrays and objects in a message.
        package var jsonDepth = 64

        package init() {}
    }
}

/// The permission to behave as no server should. Nothing but the program's test mode makes one.
package struct TestMode: Sendable, Hashable {
    /// The one way in which the server misbehaves, if any.
    package var misbehaviour: Misbehaviour?

    package init(misbehaviour: Misbehaviour? = nil) {
        self.misbehaviour = misbehaviour
    }
}

extension ServerConfiguration {
    /// A setting that cannot be used, with the reason in one sentence.
    package struct Invalid: Error, Sendable, Equatable, CustomStringConvertible {
        package let setting: String
        package let reason: String
        package var description: String { "\(self.setting) \(self.reason)" }
    }

    /// Refuses what cannot be used.
    package func validate() throws(Invalid) {
        guard (0...65535).contains(self.port) else { throw Invalid(setting: "port", reason: "must be 0 to 65535") }
        guard !self.host.isEmpty else { throw Invalid(setting: "host", reason: "must not be empty") }
        guard self.graphqlPath.hasPrefix("/") else {
            throw Invalid(setting: "graphqlPath", reason: "must begin with a slash")
        }
        guard self.socketPath.hasPrefix("/") else {
            throw Invalid(setting: "socketPath", reason: "must begin with a slash")
        }
        try self.eventStreams.validate()
        let durations: [(String, TimeAmount)] = [
            ("timeouts.handshake", self.timeouts.handshake), ("timeouts.connectionInit", self.timeouts.connectionInit),
            ("timeouts.keepAlive", self.timeouts.keepAlive), ("timeouts.closeEcho", self.timeouts.closeEcho),
            ("timeouts.linger", self.timeouts.linger), ("timeouts.shutdown", self.timeouts.shutdown),
        ]
        for (setting, duration) in durations where duration <= .zero {
            throw Invalid(setting: setting, reason: "must be more than zero")
        }
        let limits: [(String, Int)] = [
            ("backlog", self.backlog), ("limits.messageBytes", self.limits.messageBytes),
            ("limits.bodyBytes", self.limits.bodyBytes), ("limits.headerBytes", self.limits.headerBytes),
            ("limits.targetBytes", self.limits.targetBytes), ("limits.headerFields", self.limits.headerFields),
            ("limits.unsentBytes", self.limits.unsentBytes),
            ("limits.queuedEvents", self.limits.queuedEvents), ("limits.jsonDepth", self.limits.jsonDepth),
        ]
        for (setting, limit) in limits where limit < 1 {
            throw Invalid(setting: setting, reason: "must be at least 1")
        }
        try self.limitPolicy.validate()
        try self.backPressure.validate()
        guard self.limits.jsonDepth < 1000 else {
            throw Invalid(setting: "limits.jsonDepth", reason: "must be below 1000")
        }
    }
}
