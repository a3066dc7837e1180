/// The Prometheus text format, version 0.0.4.
struct PrometheusText {
    /// The content type of the text.
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"
    /// What every name begins with.
    static let prefix = "graphql_realtime_"

    private(set) var text = ""

    /// Adds a metric without labels.
    mutating func add(_ name: String, _ type: String, _ help: String, _ value: Int) {
        self.describe(name, type, help)
        self.text += "\(Self.prefix)\(name) \(value)\n"
    }

    /// Adds a metric with one label.
    mutating func add(
        _ name: String, _ type: String, _ help: String, by label: String, _ values: [(label: String, count: Int)]
    ) {
        self.describe(name, type, help)
        for (value, count) in values {
            self.text += "\(Self.prefix)\(name){\(label)=\"\(Self.escaped(value))\"} \(count)\n"
        }
    }

    /// Adds a metric whose lines are given.
    mutating func add(_ name: String, _ type: String, _ help: String, lines: String) {
        self.describe(name, type, help)
        self.text += lines
    }

    private mutating func describe(_ name: String, _ type: String, _ help: String) {
        self.text += "# HELP \(Self.prefix)\(name) \(help)\n# TYPE \(Self.prefix)\(name) \(type)\n"
    }

    /// Label values escape backslash, quotation mark and line feed.
    static func escaped(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension ServerMetrics {
    /// All metrics as Prometheus reads them.
    /// - Parameter probes: the readiness probes, by name, with 1 for those that are well.
    /// - Parameter live: the connections to be counted by transport.
    /// - Parameter extra: what others count.
    func prometheusText(
        probes: [(label: String, count: Int)], live: LiveConnections? = nil, extra: [ExtraMetric] = []
    ) -> String {
        var out = PrometheusText()
        out.add("connections", "gauge", "Open TCP connections.", self.connections.value)
        var transports: [String: Int] = [:]
        for connection in live?.all ?? [] {
            transports[connection.transport.name, default: 0] += 1
        }
        out.add(
            "live_connections", "gauge", "Admitted connections.", by: "transport",
            transports.sorted { $0.key < $1.key }.map { (label: $0.key, count: $0.value) })
        out.add("sockets", "gauge", "Open WebSockets.", self.sockets.value)
        out.add("sockets_total", "counter", "WebSockets opened.", self.socketsTotal.value)
        out.add(
            "messages_received_total", "counter", "Messages received over WebSockets.", self.messagesReceived.value)
        out.add("messages_sent_total", "counter", "Messages sent over WebSockets.", self.messagesSent.value)
        out.add("operations_total", "counter", "Operations started.", by: "kind", self.operations.values)
        out.add("events_received_total", "counter", "Events that sources produced.", self.eventsReceived.value)
        out.add("events_executed_total", "counter", "Events executed.", self.eventsExecuted.value)
        out.add("events_delivered_total", "counter", "Event results sent.", self.eventsDelivered.value)
        out.add("operations", "gauge", "Open operations.", self.openOperations.value)
        out.add("subscriptions", "gauge", "Subscriptions that events are delivered to.", self.subscriptions.value)
        out.add("source_streams", "gauge", "Open source streams.", self.sources.value)
        out.add("source_streams_total", "counter", "Source streams opened.", self.sourcesTotal.value)
        out.add(
            "handshakes_refused_total", "counter", "WebSocket handshakes refused.", by: "status",
            self.handshakesRefused.values)
        out.add("closes_total", "counter", "Close frames sent first.", by: "code", self.closes.values)
        out.add("cuts_total", "counter", "Connections cut.", by: "reason", self.cuts.values)
        out.add("http_responses_total", "counter", "HTTP responses.", by: "status", self.responses.values)
        out.add(
            "events_dropped_total", "counter", "Events dropped because a client did not take them.", by: "overflow",
            self.eventsDropped.values)
        out.add("delivery_seconds", "From a source's event to the write for a subscriber.", self.deliveryTime)
        out.add("queued_events", "gauge", "Events that wait for their client.", self.queuedEvents.value)
        out.add("queued_bytes", "gauge", "Bytes of events that wait for their client.", self.queuedBytes.value)
        out.add(
            "limit_refusals_total", "counter", "Refusals because of a limit.", by: "limit", self.limitRefusals.values)
        out.add(
            "limit_in_use", "gauge", "Places taken below limits.", by: "limit",
            LimitKind.counted.map { ($0.rawValue, self.limitsInUse.value($0)) })
        out.add("event_streams", "gauge", "Open event streams.", self.streams.value)
        out.add("event_streams_total", "counter", "Event streams opened.", by: "kind", self.streamsTotal.values)
        out.add("ready", "gauge", "Whether what the server needs is well.", by: "probe", probes)
        for metric in extra {
            out.add(metric.name, metric.kind.rawValue, metric.help, by: metric.label, metric.values())
        }
        return out.text
    }
}
