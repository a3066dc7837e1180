/// Single HTTP requests.
extension StepPlayer {
    /// Sends a request; waits for its answer unless told otherwise. A missing answer is for `expect_http` to judge.
    func http(_ arguments: HTTPArguments, _ place: String) async throws(Abort) {
        let name = arguments.name
        guard self.links.get(name) == nil, self.links.stream(name) == nil else {
            throw self.problem(.harness, "the connection `\(name)` is open already", name, place)
        }
        guard let endpoint = self.endpoint(arguments.endpoint) else {
            throw self.problem(.undeclared, "the profile has no endpoint for \(arguments.endpoint)", nil, place)
        }
        let path = StreamLink.path(arguments.path ?? endpoint.path, adding: arguments.parameters)
        var headers: [HTTPHeader] = []
        if arguments.isJSON { headers.append(.init(name: "Content-Type", value: "application/json")) }
        for header in arguments.headers {
            headers.removeAll { $0.name.lowercased() == header.name.lowercased() }
            headers += header.values.map { HTTPHeader(name: header.name, value: $0) }
        }
        let request = HTTPSent(
            role: .answer, method: arguments.method, url: endpoint.url(path: path),
            version: arguments.version.rawValue, headers: headers, body: arguments.body.map { Bytes($0) },
            operation: arguments.operation)
        let link = StreamLink(
            endpoint: endpoint, transport: "http", headers: [], version: arguments.version, path: nil)
        self.links.set(name, link)
        self.session.record(
            .connecting(address: endpoint.authority, transport: "http", offered: []), connection: name, step: place)
        let (number, transfer) = self.transfer(request, name, place)
        link.add(.init(number: number, operation: arguments.operation, transfer: transfer))
        guard arguments.waits else { return }
        _ = try await self.session.wait(until: self.session.now() + arguments.within) { state, _ -> Bool? in
            guard let connection = state.connections[name] else { return nil }
            return connection.response != nil || connection.exchanges[number]?.end != nil ? true : nil
        }
    }

    /// HTTP is spoken where GraphQL over HTTP is, or else where a socket would be opened.
    private func endpoint(_ name: String) -> Target.Endpoint? {
        if name == "http" { return self.target.endpoints["http"] ?? self.target.endpoints["transport-ws"] }
        if name == "sse-single" { return self.target.endpoints["sse-single"] ?? self.target.endpoints["sse"] }
        return self.target.endpoints[name]
    }

    /// The runner's own request: a POST of JSON. Nil if there was no answer in time.
    func post(
        _ body: String, to name: String, endpoint: String = "http", path: String? = nil, _ place: String
    ) async throws(Abort) -> WireResponse? {
        try await self.http(
            HTTPArguments(
                name: name, endpoint: endpoint, method: "POST", path: path,
                headers: [(name: "Accept", values: ["application/graphql-response+json, application/json"])],
                body: Array(body.utf8), isJSON: true, within: self.target.timing.reply), place)
        return self.session.read { $0.connections[name]?.response?.response }
    }
}
