/// What a server shows of itself to somebody who knows no more than a URL.
package struct ServerSurvey: Sendable, Equatable {
    /// The URL of each transport that answered.
    package var endpoints: [(transport: String, url: String)]
    /// Whether event streams are reserved (single connection mode) as well.
    package var isSingleSSE = false
    /// The schema; `nil` if the server does not tell.
    package var schema: SchemaSketch?

    package static func == (left: Self, right: Self) -> Bool {
        left.schema == right.schema && left.isSingleSSE == right.isSingleSSE
            && left.endpoints.map(\.transport) == right.endpoints.map(\.transport)
            && left.endpoints.map(\.url) == right.endpoints.map(\.url)
    }

    /// Looks at a server.
    ///
    /// - Parameters:
    ///   - url: Any URL of it, `http` or `ws`.
    ///   - headers: Sent with every HTTP request, such as a token.
    ///   - report: Told what was found.
    ///   - waiting: Told what is waited for, where that takes longer than usual.
    /// - Throws: If the URL cannot be read, or nothing answers.
    package static func make(
        url: String, headers: [HTTPHeader], report: @escaping @Sendable (String) -> Void,
        waiting: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws(HarnessError) -> ServerSurvey {
        guard let given = Target.Endpoint(url: url) else {
            throw HarnessError("\(url) is no URL: it has to look like http://127.0.0.1:8000/graphql.")
        }
        let http = HTTPClient(threads: 1)
        do throws(HarnessError) {
            let survey = try await Surveyor(
                given: given, http: http, headers: headers, report: report, waiting: waiting
            ).survey()
            await http.shutdown()
            return survey
        } catch {
            await http.shutdown()
            throw error
        }
    }
}

/// Tries paths and transports.
private struct Surveyor: Sendable {
    let given: Target.Endpoint
    let http: HTTPClient
    let headers: [HTTPHeader]
    let report: @Sendable (String) -> Void
    let waiting: @Sendable (String) -> Void

    func survey() async throws(HarnessError) -> ServerSurvey {
        var survey = ServerSurvey(endpoints: [])
        try await FirstContact(
            Target(name: "the server", endpoints: ["transport-ws": self.given]), note: self.waiting
        ).make()
        for transport in ["transport-ws", "legacy-ws"] {
            for path in self.paths("/graphql/ws", "/subscriptions", "/ws") where !survey.has(transport) {
                guard await self.upgrades(transport, path) else { continue }
                survey.endpoints.append((transport, self.url(path, isSocket: true)))
                self.report("\(transport) at \(path)")
            }
        }
        for path in self.paths("/graphql", "/query", "/api/graphql") where !survey.has("http") {
            guard let answer = await self.introspect(path) else { continue }
            survey.endpoints.append(("http", self.url(path, isSocket: false)))
            self.report("HTTP at \(path)")
            survey.schema = SchemaSketch(answer.at("data.__schema") ?? .null)
        }
        for path in self.paths("/graphql/stream", self.given.path + "/stream") where !survey.has("sse") {
            guard await self.streams(path) else { continue }
            survey.endpoints.append(("sse", self.url(path, isSocket: false)))
            survey.isSingleSSE = await self.reserves(path)
            self.report("event streams at \(path)\(survey.isSingleSSE ? ", also with one connection for all" : "")")
        }
        guard !survey.endpoints.isEmpty else {
            throw HarnessError(
                "\(self.given.authority) listens, but speaks GraphQL over none of the paths that were tried: give the whole URL."
            )
        }
        if survey.schema == nil { survey.schema = await self.introspectOverSocket(survey) }
        return survey
    }

    /// The path that was given, then common ones.
    private func paths(_ others: String...) -> [String] {
        var paths = self.given.path == "/" ? [] : [self.given.path]
        for path in ["/graphql"] + others + ["/"] where !paths.contains(path) { paths.append(path) }
        return paths
    }

    private func url(_ path: String, isSocket: Bool) -> String {
        let scheme = isSocket ? "ws" : "http"
        return "\(scheme)\(self.given.isSecure ? "s" : "")://\(self.given.authority)\(path)"
    }

    private func upgrades(_ transport: String, _ path: String) async -> Bool {
        let wanted = transport == "legacy-ws" ? "graphql-ws" : "graphql-transport-ws"
        let history = await self.play(
            [transport: path],
            "- connect: {as: c1, transport: \(transport), outcome: any}\n- expect_http: {conn: c1, within: 2s, one_of: [{verdict: info, status: 101}, {verdict: info, anything: true}]}"
        )
        return history.firstResponse.map { $0.status == 101 && $0.values("Sec-WebSocket-Protocol") == [wanted] }
            ?? false
    }

    private func introspectOverSocket(_ survey: ServerSurvey) async -> SchemaSketch? {
        guard let (transport, url) = survey.endpoints.first(where: { $0.transport.hasSuffix("-ws") }),
            let endpoint = Target.Endpoint(url: url)
        else { return nil }
        let query = Improvised.quoted(SchemaSketch.document)
        let history = await self.play(
            [transport: endpoint.path], "- observe: {query: \(query), at: data.__schema, as: schema}")
        return history.firstObserved.flatMap { SchemaSketch($0) }
    }

    private func play(_ paths: [String: String], _ steps: String) async -> History {
        var endpoints: [String: Target.Endpoint] = [:]
        for (transport, path) in paths {
            var endpoint = self.given
            endpoint.path = path
            endpoints[transport] = endpoint
        }
        guard let expanded = Improvised.expanded("survey/survey", steps: steps) else { return History() }
        return await SuitePlayer(Target(name: "survey", endpoints: endpoints)).play(expanded).1
    }

    private func post(_ path: String, accept: String, _ query: String) async -> HTTPResponse? {
        let body = JSON.object([.init("query", .string(query))]).text
        return try? await self.http.send(
            HTTPRequest(
                method: "POST", url: self.url(path, isSocket: false),
                headers: [.init(name: "Accept", value: accept), .init(name: "Content-Type", value: "application/json")]
                    + self.headers,
                body: Array(body.utf8)))
    }

    /// The answer, if it is one of GraphQL, with a schema or (where introspection is off) with errors.
    private func introspect(_ path: String) async -> JSON? {
        guard
            let response = await self.post(
                path, accept: "application/graphql-response+json, application/json", SchemaSketch.document),
            let json = try? JSONParser.parse(response.body),
            json["data"] != nil || json["errors"]?.arrayValue?.isEmpty == false
        else { return nil }
        return json
    }

    private func streams(_ path: String) async -> Bool {
        guard let response = await self.post(path, accept: "text/event-stream", "{ __typename }") else { return false }
        return response.status == 200
            && response.values(of: "Content-Type").contains { $0.hasPrefix("text/event-stream") }
    }

    /// Whether a stream can be reserved (GraphQL over SSE, single connection mode).
    private func reserves(_ path: String) async -> Bool {
        let request = HTTPRequest(method: "PUT", url: self.url(path, isSocket: false), headers: self.headers, body: [])
        return (try? await self.http.send(request))?.status == 201
    }
}

extension ServerSurvey {
    func has(_ transport: String) -> Bool { self.endpoints.contains { $0.transport == transport } }
}
