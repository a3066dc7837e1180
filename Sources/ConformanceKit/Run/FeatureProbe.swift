import NIOCore

/// Looks whether a server has a feature, where that can be told from outside.
package struct FeatureProbe: Sendable {
    private let target: Target
    private let player: SuitePlayer
    private let transport: String?

    /// A probe of a server that runs.
    package init(_ target: Target, player: SuitePlayer) {
        self.target = target
        self.player = player
        self.transport = ["transport-ws", "legacy-ws"].first { target.endpoints[$0] != nil }
    }

    /// For each of these features that can be told: whether the server has it.
    package func look(for names: Set<String>) async -> [String: Bool] {
        var seen: [String: Bool] = [:]
        let needsSchema = names.contains { $0.hasPrefix("fixture.") || $0.hasPrefix("op.") }
        if needsSchema, let schema = await self.schema() {
            for name in names { seen[name] = Self.has(name, in: schema) }
            if seen["fixture.hello"] == true { seen["fixture.hello"] = await self.greets() }
        }
        for name in names.sorted() where name.hasPrefix("transport.") {
            seen[name] = await self.serves(String(name.dropFirst("transport.".count)))
        }
        if names.contains("ws.compression"), let extensions = await self.header("Sec-WebSocket-Extensions") {
            seen["ws.compression"] = extensions.contains("permessage-deflate")
        }
        if names.contains("legacy-ws.queries") { seen["legacy-ws.queries"] = await self.queriesByLegacy() }
        if names.contains("http.get") { seen["http.get"] = await self.answersGET() }
        if names.contains("sse.http2") { seen["sse.http2"] = await self.streamsOverHTTP2() }
        return seen
    }

    /// The schema by introspection (GraphQL §4); `nil` if the server does not tell.
    private func schema() async -> SchemaSketch? {
        let query = Improvised.quoted(SchemaSketch.document)
        let records = await self.play("- observe: {query: \(query), at: data.__schema, as: schema}")
        return History(records).firstObserved.flatMap { SchemaSketch($0) }
    }

    /// Whether the schema shows the feature; `nil` if it says nothing about it.
    private static func has(_ feature: String, in schema: SchemaSketch) -> Bool? {
        switch feature {
        case "op.query": return true
        case "op.mutation": return !schema.mutation.isEmpty
        case "op.subscription": return !schema.subscription.isEmpty
        default: break
        }
        guard feature.hasPrefix("fixture.") else { return nil }
        let field = String(feature.dropFirst("fixture.".count))
        // Features such as `fixture.init-tokens` are no fields.
        guard field.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return nil }
        return FixtureFields.has(field, in: schema)
    }

    /// Whether `hello` gives what the scenarios expect: many a server greets in another way.
    private func greets() async -> Bool {
        let records = await self.play("- observe: {query: \"{ hello }\", at: data.hello, as: hello}")
        return History(records).firstObserved == .string("world")
    }

    /// Whether a transport is served: where the profile says so, else beside another one. `nil` for an answer that shows
    /// neither, such as one to somebody without a token.
    private func serves(_ transport: String) async -> Bool? {
        switch transport {
        case "transport-ws", "legacy-ws": await self.negotiates(transport)
        case "sse-single": await self.reserves()
        case "http", "sse": await self.answers(transport)
        default: nil
        }
    }

    private func negotiates(_ transport: String) async -> Bool? {
        let isDeclared = self.target.endpoints[transport] != nil
        guard let place = isDeclared ? transport : self.transport else { return nil }
        let subprotocol = Subprotocol.token(of: transport)
        let records = await self.play(
            "- connect: {transport: \(place), offer: [\(subprotocol)], outcome: any}")
        guard let response = History(records).firstResponse else { return nil }
        // What a server that speaks a dialect does wrong in its handshake is for the cases to find.
        if response.status == 101, isDeclared { return true }
        if response.status == 101 { return response.values("Sec-WebSocket-Protocol") == [subprotocol] }
        return Self.absence.contains(response.status) ? false : isDeclared ? nil : false
    }

    /// Statuses that say that there is nothing of the kind at a place (RFC 9110 §15.5, §15.6.2).
    private static let absence: Set<Int> = [404, 405, 406, 415, 426, 501]

    private func answers(_ transport: String) async -> Bool? {
        guard let endpoint = self.target.endpoints[transport] ?? self.target.endpoints["http"] else { return nil }
        let wanted = transport == "sse" ? "text/event-stream" : "application/json"
        guard
            let head = await self.head(
                "POST", endpoint, [("Accept", wanted), ("Content-Type", "application/json")],
                body: #"{"query":"{ __typename }"}"#)
        else { return nil }
        let type = head.values("Content-Type").first ?? ""
        if (200..<300).contains(head.status) {
            let isRight = transport == "sse" ? type.hasPrefix("text/event-stream") : type.contains("json")
            // On a place that is not declared for it another type shows no more than that it is not served there.
            return isRight ? true : self.target.endpoints[transport] == nil ? nil : false
        }
        return Self.absence.contains(head.status) && self.target.endpoints[transport] != nil ? false : nil
    }

    /// Whether a stream can be reserved (GraphQL over SSE, single connection mode).
    private func reserves() async -> Bool? {
        guard let endpoint = self.target.endpoints["sse"] else { return nil }
        guard let head = await self.head("PUT", endpoint, [], body: "") else { return nil }
        if head.status == 201 { return true }
        return Self.absence.contains(head.status) ? false : nil
    }

    private func head(
        _ method: String, _ endpoint: Target.Endpoint, _ headers: [(String, String)], body: String
    ) async -> TransferHead? {
        let answer = await TransferEngine.shared.whole(
            TransferRequest(
                method: method, url: endpoint.url(), headers: headers.map { HTTPHeader(name: $0.0, value: $0.1) },
                body: Array(body.utf8), tls: self.target.declared.tls), within: .seconds(3))
        return answer.head
    }

    /// Whether the legacy dialect executes queries and not only subscriptions.
    private func queriesByLegacy() async -> Bool? {
        guard self.target.endpoints["legacy-ws"] != nil else { return nil }
        let records = await self.play(
            """
            - open: {as: c1, transport: legacy-ws}
            - observe: {conn: c1, query: "{ __typename }", at: data.__typename, as: name}
            """)
        return History(records).firstObserved != nil
    }

    /// Whether a query in a URL is executed (GraphQL over HTTP, "GET").
    private func answersGET() async -> Bool? {
        let accept = "application/graphql-response+json, application/json;q=0.9"
        let records = await self.play(
            "- http: {as: r, headers: {Accept: \"\(accept)\"}, params: {query: \"{ __typename }\"}}")
        guard let response = Self.answer(records) else { return nil }
        let body = try? JSONParser.parse(response.body.bytes)
        return (200..<300).contains(response.status) && body?.at("data.__typename") != nil
    }

    /// Whether an event stream is given over HTTP/2 without TLS.
    private func streamsOverHTTP2() async -> Bool {
        let records = await self.play(
            "- http: {as: r, endpoint: sse, http_version: 2, headers: {Accept: text/event-stream}, "
                + "graphql: {query: \"{ __typename }\"}, id: \"1\"}")
        return Self.answer(records).map { $0.version == "2" && $0.status == 200 } ?? false
    }

    /// The answer to the request `r`.
    private static func answer(_ records: [HistoryRecord]) -> WireResponse? {
        var state = CaseState()
        for record in records { _ = state.apply(record) }
        return state.connections["r"]?.response?.response
    }

    private func header(_ name: String) async -> String? {
        let records = await self.play(
            "- connect: {headers: {Sec-WebSocket-Extensions: permessage-deflate}, outcome: any}")
        return History(records).firstResponse.map { $0.values(name).joined(separator: ", ") }
    }

    /// Plays one step of its own.
    private func play(_ step: String) async -> [HistoryRecord] {
        guard let expanded = Improvised.expanded("probe/probe", steps: step) else { return [] }
        return await self.player.play(expanded).1.records
    }
}
