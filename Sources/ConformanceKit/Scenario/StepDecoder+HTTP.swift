extension StepDecoder {
    private enum StreamKind: String, CaseIterable { case graphql, plain }

    /// One HTTP request.
    func http(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        let body = try self.body(&reader)
        let endpoint = try reader.string("endpoint") ?? "http"
        let endpoints = Self.transports + ["http"]
        guard endpoints.contains(endpoint) || Template.isTemplate(endpoint) else {
            throw reader.context.error(
                at: reader.node("endpoint") ?? reader.node, "unknown endpoint `\(endpoint)`",
                Suggestion.hint(for: endpoint, among: endpoints))
        }
        let method = try reader.string("method") ?? (body == nil ? "GET" : "POST")
        return .http(
            HTTPArguments(
                name: try self.name("as", &reader), endpoint: endpoint, method: method, path: try reader.string("path"),
                parameters: try self.parameters(&reader), headers: try self.headers(&reader), body: body?.bytes,
                isJSON: body?.isJSON ?? false, version: try self.version(&reader), operation: try reader.string("id"),
                within: try reader.duration("within") ?? self.context.timing.reply,
                waits: try reader.bool("wait") ?? true,
                isPlain: try reader.choice("stream", StreamKind.self) == .plain, token: try reader.string("token"),
                replica: try reader.int("replica", in: -64...63) ?? 0))
    }

    /// One of `json`, `graphql`, `text` and `hex`; nil for a request without a body.
    private func body(
        _ reader: inout ArgumentReader
    ) throws(ScenarioError) -> (bytes: [UInt8], isJSON: Bool)? {
        var found: [(bytes: [UInt8], isJSON: Bool)] = []
        if let json = reader.json("json") {
            found.append((Array(try self.padded(Generator.text(json), &reader).utf8), true))
        }
        if let node = reader.node("graphql") {
            var inner = try ArgumentReader(node, what: "`graphql`", context: self.context)
            var members: [JSON.Member] = []
            for key in ["query", "variables", "operationName", "extensions"] {
                if let value = inner.json(key) { members.append(.init(key, value)) }
            }
            try inner.finish()
            found.append((Array(Generator.text(.object(members)).utf8), true))
        }
        if let text = try reader.string("text") { found.append((Array(text.utf8), false)) }
        if let hex = try reader.string("hex") {
            guard let bytes = Template.isTemplate(hex) ? [] : Bytes.parse(hex: hex) else {
                throw reader.wrong("hex", reader.node("hex") ?? reader.node, "pairs of hexadecimal digits")
            }
            found.append((bytes, false))
        }
        guard found.count < 2 else {
            throw reader.context.error(at: reader.node, "`http` has several bodies", "json, graphql, text or hex")
        }
        return found.first
    }

    func parameters(
        _ reader: inout ArgumentReader
    ) throws(ScenarioError) -> [(name: String, value: String)] {
        guard let node = reader.node("params") else { return [] }
        if reader.isDeferred(node) { return [] }
        guard case .map(let entries) = node.content else {
            throw reader.wrong("params", node, "a mapping from name to value")
        }
        // A value that is no scalar is sent as JSON text, as GraphQL over HTTP asks for `variables`.
        return entries.map { entry in
            let value = entry.value.json
            return (entry.key, Generator.string(value) ?? value.plainText)
        }
    }
}
