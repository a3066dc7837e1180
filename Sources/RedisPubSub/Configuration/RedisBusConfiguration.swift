/// How a `RedisBus` behaves.
package struct RedisBusConfiguration: Sendable {
    /// Where Redis is.
    package var url: RedisURL
    /// Whom to believe if the URL asks for TLS; nil for the authorities that the system trusts.
    package var tls: RedisTLS?
    /// The links call themselves `<clientName>-cmd` and `<clientName>-sub` (CLIENT SETNAME). No spaces.
    package var clientName: String
    /// How long a TCP connection may take to come into being, and then the TLS handshake, if there is one.
    package var connectTimeout: Duration = .seconds(2)
    /// How long Redis may take to answer a command. A link that is later than this is given up as hung.
    package var commandTimeout: Duration = .seconds(2)
    /// How often an idle link is asked for a sign of life. A Redis that hangs without closing is noticed after this
    /// and `commandTimeout` together.
    package var pingInterval: Duration = .seconds(1)
    /// How many commands may await their answers on one link. One more is refused with `overloaded`.
    package var maximumPendingCommands = 10_000
    /// How many encoded bytes those commands may have together. A single command of any size is let through when
    /// nothing else waits.
    package var maximumPendingBytes = 64 * 1024 * 1024
    /// The pause before connecting again.
    package var backoff = Backoff()
    /// Whether channels belong to the slots of a cluster (SSUBSCRIBE), for the bus of one node of it.
    var isSharded = false
    /// For test mode only.
    package var deviation: RedisDeviation?

    package init(url: RedisURL, clientName: String) {
        self.url = url
        self.clientName = clientName
    }
}
