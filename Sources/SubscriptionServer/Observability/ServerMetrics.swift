import SubscriptionProtocols

/// What the server counts. Sockets add up their messages by themselves and report once per read or write batch.
package final class ServerMetrics: Sendable {
    /// Open TCP connections, whatever they speak.
    let connections = Counter()
    /// Open WebSockets.
    let sockets = Counter()
    /// WebSockets since the start.
    let socketsTotal = Counter()
    /// Text messages from clients.
    let messagesReceived = Counter()
    /// Text messages to clients.
    let messagesSent = Counter()
    /// Operations since the start, by kind: `query`, `mutation`, `subscription`, `invalid`.
    let operations = LabelledCounter()
    /// Events that were executed; subscribers that share a source share the execution.
    let eventsExecuted = Counter()
    /// Results of events handed to subscribers.
    let eventsDelivered = Counter()
    /// Operations that have not ended.
    let openOperations = Counter()
    /// Subscriptions that are members of a source.
    let subscriptions = Counter()
    /// Source streams that are open or being opened.
    let sources = Counter()
    /// Source streams since the start.
    let sourcesTotal = Counter()
    /// Handshakes that were refused, by HTTP status.
    let handshakesRefused = LabelledCounter()
    /// Sockets that the server closed, by close code.
    let closes = LabelledCounter()
    /// Connections cut because the peer did not take what was sent, did not answer, or did not go: by reason.
    let cuts = LabelledCounter()
    /// HTTP answers, by status.
    let responses = LabelledCounter()
    /// What was refused because of a limit, by `LimitKind`.
    let limitRefusals = LabelledCounter()
    /// Events that sources produced.
    let eventsReceived = Counter()
    /// From when a source produced an event to when its result was written, or put into a queue, for each subscriber.
    let deliveryTime = Histogram()
    /// Events that were dropped because their client did not take them, by `BackPressurePolicy.Overflow`.
    let eventsDropped = LabelledCounter()
    /// Events that wait for their client, and their bytes.
    let queuedEvents = Counter()
    let queuedBytes = Counter()
    /// Places taken below limits.
    let limitsInUse = LimitCounters()

    /// Open event streams.
    let streams = Counter()
    /// Event streams since the start, by kind: `distinct`, `single`, `route`.
    let streamsTotal = LabelledCounter()

    package init() {}

    /// Open WebSockets.
    package var openSockets: Int { self.sockets.value }
    /// Source streams that are open or being opened.
    package var openSources: Int { self.sources.value }

    /// The server sends a close frame.
    func closed(_ close: Close) {
        self.closes.add("\(close.code.rawValue)")
    }
}
