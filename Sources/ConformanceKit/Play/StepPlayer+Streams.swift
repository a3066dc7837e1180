/// Event streams (GraphQL over SSE).
extension StepPlayer {
    private static let tokenHeader = "X-GraphQL-Event-Stream-Token"

    static func isStream(_ transport: String) -> Bool { transport == "sse" || transport == "sse-single" }

    // MARK: Opening

    /// Distinct connections: nothing is sent yet. Single connection: reserves a stream, and opens it if asked to.
    func openStream(_ arguments: ConnectArguments, initialises: Bool, _ place: String) async throws(Abort) {
        let name = arguments.name
        let endpoint = try await self.endpoint(arguments, place)
        guard self.links.get(name) == nil, self.links.stream(name) == nil else {
            throw self.problem(.harness, "the connection `\(name)` is open already", name, place)
        }
        let link = StreamLink(
            endpoint: endpoint, transport: arguments.transport,
            headers: arguments.headers.flatMap { header in
                header.values.map { HTTPHeader(name: header.name, value: $0) }
            }, version: arguments.httpVersion,
            path: StreamLink.path(arguments.path ?? endpoint.path, adding: arguments.parameters),
            tokenPlace: arguments.streamToken)
        self.links.set(name, link)
        self.session.record(
            .connecting(address: endpoint.authority, transport: arguments.transport, offered: []), connection: name,
            step: place)
        self.identify(name, arguments.identity, place)
        guard link.isShared else { return }
        try await self.reserve(link, name, place)
        if initialises { try await self.openReserved(link, name, place) }
    }

    private func reserve(_ link: StreamLink, _ name: String, _ place: String) async throws(Abort) {
        let deadline = self.session.now() + self.target.timing.reply
        let put = self.send(
            .init(role: .reserve, method: "PUT", url: "", headers: []), on: link, name, parameters: [], place)
        let reserved = try await self.session.wait(until: deadline) { state, _ -> ExchangeState? in
            state.connections[name]?.exchanges[put].flatMap { $0.end == nil ? nil : $0 }
        }
        guard let reserved else {
            throw self.problem(.server, "no answer to the reservation of a stream", name, place)
        }
        let token = String(decoding: reserved.body, as: UTF8.self)
        guard reserved.head?.status == 201, !token.isEmpty else {
            let what = reserved.head.map { "status \($0.status)" } ?? reserved.end?.end.detail ?? "nothing"
            throw self.problem(.server, "the reservation of a stream was answered with \(what)", name, place)
        }
        link.token = token
        self.session.save(name, .object([.init("stream_token", .string(token))]))
    }

    /// Opens a stream that was reserved.
    private func openReserved(_ link: StreamLink, _ name: String, _ place: String) async throws(Abort) {
        let deadline = self.session.now() + self.target.timing.reply
        let (header, parameters) = self.token(of: link)
        let get = self.send(
            .init(
                role: .shared, method: "GET", url: "",
                headers: [.init(name: "Accept", value: "text/event-stream")] + header), on: link, name,
            parameters: parameters, place)
        let opened = try await self.session.wait(until: deadline) { state, _ -> ExchangeState? in
            state.connections[name]?.exchanges[get].flatMap { $0.head == nil && $0.end == nil ? nil : $0 }
        }
        guard opened?.head?.status == 200, opened?.isEventStream == true else {
            let what = opened?.head.map { "status \($0.status), \($0.mediaType ?? "no type")" } ?? "nothing"
            throw self.problem(.server, "the stream was answered with \(what)", name, place)
        }
    }

    /// How a request says which reservation it belongs to.
    private func token(
        of link: StreamLink
    ) -> (header: [HTTPHeader], parameters: [(name: String, value: String)]) {
        let token = link.token ?? ""
        return switch link.tokenPlace {
        case .header: ([.init(name: Self.tokenHeader, value: token)], [])
        case .parameter: ([], [("token", token)])
        }
    }

    // MARK: Sending

    /// Starts a request on a stream's endpoint; what becomes of it is in the history. Returns its number.
    @discardableResult
    func send(
        _ request: HTTPSent, on link: StreamLink, _ name: String, parameters: [(name: String, value: String)],
        _ place: String
    ) -> Int {
        var request = request
        let path = StreamLink.path(link.path ?? link.endpoint.path, adding: parameters)
        request.url = link.endpoint.url(path: path)
        request.version = link.version.rawValue
        // The scenario's own headers replace ours.
        let own = Set(link.headers.map { $0.name.lowercased() })
        request.headers.removeAll { own.contains($0.name.lowercased()) }
        request.headers += link.headers
        let (number, transfer) = self.transfer(request, name, place)
        link.add(.init(number: number, operation: request.operation, transfer: transfer))
        return number
    }

    /// Hands a request to the engine; every event of it goes into the history.
    func transfer(_ request: HTTPSent, _ name: String, _ place: String) -> (number: Int, transfer: Transfer) {
        let number = self.session.nextSerial()
        self.session.noteRound()
        self.session.record(.httpSent(exchange: number, request: request), connection: name, step: place)
        let session = self.session
        let transfer = TransferEngine.shared.start(
            TransferRequest(
                method: request.method, url: request.url, headers: request.headers, body: request.body?.bytes,
                version: TransferRequest.Version(rawValue: request.version) ?? .one, tls: self.target.declared.tls)
        ) { event in
            switch event {
            case .head(let head): session.record(.httpHead(exchange: number, head: head), connection: name)
            case .body(let bytes):
                // Events are small: a piece may well be many items.
                guard session.charge(bytes: bytes.count, pieces: 1 + bytes.count / 64) else { return false }
                session.record(.httpBytes(exchange: number, bytes: Bytes(bytes)), connection: name)
            case .ended(let end): session.record(.httpEnded(exchange: number, end: end), connection: name)
            }
            return true
        }
        return (number, transfer)
    }

    /// Starts and completes operations.
    func write(
        _ items: [WriteItem], to name: String, stream link: StreamLink, _ place: String
    ) async throws(Abort) {
        for item in items {
            switch item {
            case .start(let start):
                try self.start(start, on: link, name, place)
            case .complete(let id): try await self.leave(link, name, operation: id, place)
            case .message(let text) where link.isShared && Self.isInit(text):
                try await self.openReserved(link, name, place)
            case .message, .initialization, .frames, .bytes:
                throw self.problem(
                    .harness, "only `start`, `subscribe`, `complete` and `init` can be sent on an event stream", name,
                    place)
            }
        }
    }

    private static func isInit(_ text: String) -> Bool {
        (try? JSONParser.parse(Array(text.utf8)))?["type"] == .string("connection_init")
    }

    private func start(
        _ start: OperationStart, on link: StreamLink, _ name: String, _ place: String
    ) throws(Abort) {
        var payload = try self.payload(of: start, connection: name, place)
        var headers = [HTTPHeader(name: "Content-Type", value: "application/json")]
        var parameters: [(name: String, value: String)] = []
        if link.isShared {
            payload = try self.adding(operationID: start.id, to: payload, name, place)
            let token = self.token(of: link)
            headers.append(.init(name: "Accept", value: "application/json"))
            headers += token.header
            parameters = token.parameters
        } else {
            headers.append(.init(name: "Accept", value: "text/event-stream"))
        }
        self.send(
            .init(
                role: link.isShared ? .request : .distinct, method: "POST", url: "", headers: headers,
                body: Bytes(Array(payload.utf8)), operation: start.id), on: link, name, parameters: parameters, place)
    }

    /// `extensions.operationId` of a request whose results come on a shared stream.
    private func adding(
        operationID id: String, to payload: String, _ name: String, _ place: String
    ) throws(Abort) -> String {
        guard let json = try? JSONParser.parse(Array(payload.utf8)), var members = json.members else {
            throw self.problem(.harness, "the payload has to be an object to carry an operation's id", name, place)
        }
        var extensions = json["extensions"]?.members ?? []
        extensions.append(.init("operationId", .string(id)))
        members.removeAll { $0.name == "extensions" }
        members.append(.init("extensions", .object(extensions)))
        return JSON.object(members).text
    }

    /// Ends an operation: by leaving its stream, or by asking for it. A request to end it is waited for, since others go
    /// over connections of their own and could overtake it.
    private func leave(
        _ link: StreamLink, _ name: String, operation id: String, _ place: String
    ) async throws(Abort) {
        guard link.isShared else {
            for exchange in link.take(operation: id) { self.leave(exchange, name, how: "complete", place) }
            return
        }
        let token = self.token(of: link)
        let number = self.send(
            .init(
                role: .request, method: "DELETE", url: "",
                headers: [.init(name: "Accept", value: "application/json")] + token.header, operation: id), on: link,
            name, parameters: token.parameters + [("operationId", id)], place)
        _ = try await self.session.wait(until: self.session.now() + self.target.timing.reply) { state, _ -> Bool? in
            state.connections[name]?.exchanges[number]?.end == nil ? nil : true
        }
    }

    private func leave(_ exchange: StreamLink.Exchange, _ name: String, how: String, _ place: String?) {
        self.session.record(.httpLeft(exchange: exchange.number, how: how), connection: name, step: place)
        if how == "rst" { exchange.transfer.reset() } else { exchange.transfer.cancel() }
    }

    // MARK: Ending

    func closeStream(_ link: StreamLink, _ name: String, _ place: String?) {
        for exchange in link.take(operation: nil) { self.leave(exchange, name, how: "close", place) }
    }

    func dropStream(_ link: StreamLink, _ name: String, _ how: Step.DropKind, _ place: String) throws(Abort) {
        switch how {
        case .rst, .fin:
            self.session.record(.dropped(how: how.rawValue), connection: name, step: place)
            for exchange in link.take(operation: nil) { self.leave(exchange, name, how: how.rawValue, place) }
        case .stopReading:
            self.session.record(.dropped(how: how.rawValue), connection: name, step: place)
            for exchange in link.exchanges { exchange.transfer.setReading(false) }
        case .blackhole:
            self.session.record(.dropped(how: how.rawValue), connection: name, step: place)
            for exchange in link.exchanges { exchange.transfer.vanish() }
        case .midFrame:
            throw self.problem(.harness, "an event stream has no frames to stop in", name, place)
        }
    }

    /// Everything before was received when an operation of our own has been completed (there is no ping).
    func fenceByOperation(_ name: String, _ place: String) async throws(Abort) {
        let id = "~\(self.token)-fence-\(self.session.nextSerial())"
        let from = self.session.read { $0.connections[name]?.items.count ?? 0 }
        try await self.write(
            [.start(OperationStart(id: id, kind: .payload("{\"query\":\"{ __typename }\"}")))], to: name, split: nil,
            place)
        let passed = try await self.session.wait(until: self.session.now() + self.target.timing.reply) {
            state, _ -> Bool? in
            guard let connection = state.connections[name] else { return nil }
            let isOver = connection.items[from...].contains { item in
                item.hasID(id) && ["complete", "error", "refused"].contains(item.type)
            }
            if isOver { return true }
            return connection.isOver(until: .max) ? false : nil
        }
        switch passed {
        case true?: self.session.record(.fencePassed(kind: "operation", settled: false), connection: name, step: place)
        case false?:
            let end = self.session.read { $0.connections[name]?.endSummary ?? "" }
            throw self.problem(.server, "the server ended `\(name)` while a fence was set: \(end)", name, place)
        case nil:
            throw self.problem(
                .server,
                "the fence's query was not completed within \(Describe.milliseconds(self.target.timing.reply))",
                name, place)
        }
    }
}
