extension StepDecoder {
    private enum Outcome: String, CaseIterable { case upgraded, any }

    func connection(_ reader: inout ArgumentReader) throws(ScenarioError) -> ConnectArguments {
        let transport = try reader.string("transport") ?? "transport-ws"
        guard Self.transports.contains(transport) || Template.isTemplate(transport) else {
            throw reader.context.error(
                at: reader.node("transport") ?? reader.node, "unknown transport `\(transport)`",
                Suggestion.hint(for: transport, among: Self.transports))
        }
        let quiet = try reader.strings("keep_quiet") ?? []
        let kinds = ["message-pings", "control-pings", "close"]
        for word in quiet where !kinds.contains(word) {
            throw reader.context.error(
                at: reader.node("keep_quiet") ?? reader.node, "`keep_quiet` knows no `\(word)`",
                Suggestion.hint(for: word, among: kinds))
        }
        return ConnectArguments(
            name: try self.name("as", &reader), transport: transport, offer: try self.offer(&reader),
            headers: try self.headers(&reader), headerLines: try reader.strings("header_lines") ?? [],
            method: try reader.string("method") ?? "GET", path: try reader.string("path"),
            request: try reader.string("request"), split: try self.split(&reader),
            thenSend: try self.items("then_send", &reader, scope: nil) ?? [],
            mustUpgrade: try reader.choice("outcome", Outcome.self) ?? .upgraded == .upgraded,
            answersMessagePings: !quiet.contains("message-pings"),
            answersControlPings: !quiet.contains("control-pings"), answersClose: !quiet.contains("close"),
            httpVersion: try self.version(&reader),
            streamToken: try reader.choice("stream_token", StreamTokenPlace.self) ?? .header,
            token: try reader.string("token"),
            parameters: try self.parameters(&reader), isViaLink: try self.isViaLink(&reader),
            replica: try reader.int("replica", in: -64...63) ?? 0, from: try self.address("from", &reader))
    }

    /// An address of this machine that its clients can come from.
    private func address(_ key: String, _ reader: inout ArgumentReader) throws(ScenarioError) -> String? {
        guard let text = try reader.string(key), let node = reader.node(key), !reader.isDeferred(node) else {
            return nil
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count == 4, parts.first == 127, !parts.contains(nil) else {
            throw reader.wrong(key, node, "an address of this machine, such as 127.0.0.2")
        }
        return text
    }

    /// `sse` gives each operation a stream of its own, `sse-single` has one for all.
    static let transports = ["transport-ws", "legacy-ws", "sse", "sse-single"]

    private func isViaLink(_ reader: inout ArgumentReader) throws(ScenarioError) -> Bool {
        enum Via: String, CaseIterable { case link }
        return try reader.choice("via", Via.self) != nil
    }

    /// `1.1` or `2`.
    func version(_ reader: inout ArgumentReader) throws(ScenarioError) -> TransferRequest.Version {
        guard let node = reader.node("http_version"), !reader.isDeferred(node) else { return .one }
        guard let version = TransferRequest.Version(rawValue: node.json.plainText) else {
            throw reader.wrong("http_version", node, "1.1 or 2")
        }
        return version
    }

    private func offer(_ reader: inout ArgumentReader) throws(ScenarioError) -> [String]? {
        try reader.strings("offer")
    }

    func headers(_ reader: inout ArgumentReader) throws(ScenarioError) -> [(name: String, values: [String])] {
        guard let node = reader.node("headers") else { return [] }
        if reader.isDeferred(node) { return [] }
        guard case .map(let entries) = node.content else {
            throw reader.wrong("headers", node, "a mapping from name to value")
        }
        var headers: [(name: String, values: [String])] = []
        for entry in entries {
            switch entry.value.content {
            case .value(.null): headers.append((entry.key, []))
            case .value(let value): headers.append((entry.key, [value.plainText]))
            case .list(let items): headers.append((entry.key, items.map(\.json.plainText)))
            case .map:
                let isKnownLater = self.context.isLint && Generator.isGenerator(entry.value.json)
                guard let text = Generator.string(entry.value.json) ?? (isKnownLater ? "" : nil) else {
                    throw reader.wrong("headers", entry.value, "a string, a list of strings, null or a `$repeat`")
                }
                headers.append((entry.key, [text]))
            }
        }
        return headers
    }

    func open(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        var connection = try self.connection(&reader)
        connection.retriesFor = try reader.duration("retry_for")
        return .open(
            connection, payload: reader.json("payload"),
            within: try reader.duration("within") ?? self.context.timing.reply)
    }

    func close(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        let connection = try self.name("conn", &reader)
        let reason = try reader.string("reason") ?? ""
        if let node = reader.node("code"), case .value(.string("none")) = node.content {
            return .close(connection: connection, code: nil, reason: "")
        }
        return .close(connection: connection, code: try reader.int("code", in: 0...65_535) ?? 1000, reason: reason)
    }

    func drop(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        .drop(
            connection: try self.name("conn", &reader), how: try reader.choice("how", Step.DropKind.self) ?? .rst)
    }

    func reading(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        enum State: String, CaseIterable { case paused, resumed }
        let connection = try self.name("conn", &reader)
        guard let state = try reader.choice("state", State.self) else { throw reader.missing("state") }
        return .reading(connection: connection, paused: state == .paused)
    }
}
