/// Single HTTP requests.
extension StepPlayer {
    /// Sends a request; waits for its answer unless told otherwise. A missing answer is for `expect_http` to judge.
    func http(_ arguments: HTTPArguments, _ place: String) async throws(Abort) {
        let name = arguments.name
        guard self.links.get(name) == nil, self.links.stream(name) == nil else {
            throw self.problem(.harness, "the connection `\(name)` is open already", name, place)
        }
        guard let endpoint = try self.endpoint(arguments, place) else {
            throw self.problem(.undeclared, "the profile has no endpoint for \(arguments.endpoint)", nil, place)
        }
        // A query alone belongs to the endpoint's own path.
        let own = arguments.path.map { $0.hasPrefix("?") ? endpoint.path + $0 : $0 } ?? endpoint.path
        let path = StreamLink.path(own, adding: arguments.parameters)
        var headers: [HTTPHeader] = []
        if arguments.isJSON { headers.append(.init(name: "Content-Type", value: "application/json")) }
        for header in arguments.headers {
            headers.removeAll { $0.name.lowercased() == header.name.lowercased() }
            headers += header.values.map { HTTPHeader(name: header.name, value: $0) }
        }
        let request = HTTPSent(
            role: .answer, method: arguments.method, url: arguments.url ?? endpoint.url(path: path),
            version: arguments.version.rawValue, headers: headers, body: arguments.body.map { Bytes($0) },
            operation: arguments.operation, plain: arguments.isPlain ? true : nil)
        let link = StreamLink(
            endpoint: endpoint, transport: "http", headers: [], version: arguments.version, path: nil)
        self.links.set(name, link)
        self.session.record(
            .connecting(address: endpoint.authority, transport: "http", offered: []), connection: name, step: place)
        self.identify(name, arguments.identity, place)
        let sent = self.session.now()
        let (number, transfer) = self.transfer(request, name, place)
        link.add(.init(number: number, operation: arguments.operation, transfer: transfer))
        guard arguments.waits else { return }
        let isAnswered = try await self.session.wait(until: self.session.now() + arguments.within) {
            state, _ -> Bool? in
            guard let connection = state.connections[name] else { return nil }
            return connection.response != nil || connection.exchanges[number]?.end != nil
                ? connection.response != nil : nil
        }
        if isAnswered == true { self.roundTrips.note(self.session.now() - sent) }
    }

    /// HTTP is spoken where GraphQL over HTTP is, or else where a socket would be opened.
    private func endpoint(_ arguments: HTTPArguments, _ place: String) throws(Abort) -> Target.Endpoint? {
        let all = try self.endpoints(ofReplica: arguments.replica, place)
        switch arguments.endpoint {
        case "http": return all["http"] ?? all["transport-ws"] ?? all["sse"]
        case "sse-single": return all["sse-single"] ?? all["sse"]
        case let name: return all[name]
        }
    }

    /// The runner's own request: a POST of JSON. Nil if there was no answer in time.
    func post(
        _ body: String, to name: String, endpoint: String = "http", token: MintedToken? = nil, _ place: String
    ) async throws(Abort) -> WireResponse? {
        let arguments = HTTPArguments(
            name: name, endpoint: endpoint, method: "POST",
            headers: [(name: "Accept", values: ["application/graphql-response+json, application/json"])],
            body: Array(body.utf8), isJSON: true, within: self.target.timing.reply)
        try await self.http(self.carry(token, in: arguments), place)
        return self.session.read { $0.connections[name]?.response?.response }
    }
}
