import NIOCore

extension StepPlayer {
    /// The runner's own connection for queries and mutations.
    static let controlName = "~control"
    static let livenessName = "~liveness"

    // MARK: Opening

    /// - Parameter initialises: a reserved stream is opened at once.
    func connect(_ arguments: ConnectArguments, initialises: Bool = false, _ place: String) async throws(Abort) {
        if Self.isStream(arguments.transport) {
            try await self.openStream(arguments, initialises: initialises, place)
            return
        }
        let endpoint = try await self.endpoint(arguments, place)
        guard self.links.get(arguments.name) == nil, self.links.stream(arguments.name) == nil else {
            throw self.problem(
                .harness, "the connection `\(arguments.name)` is open already", arguments.name, place)
        }
        let request = UpgradeRequest(arguments, endpoint: endpoint)
        let offered = arguments.offer ?? [Subprotocol.token(of: arguments.transport)]
        let since = self.session.writer.nextSequence - 1
        let isFirst = self.session.read { state in !state.connections.values.contains { $0.response != nil } }
        self.session.record(
            .connecting(
                address: "\(endpoint.host):\(endpoint.port)", transport: arguments.transport, offered: offered),
            connection: arguments.name, step: place)
        self.identify(arguments.name, arguments.identity, place)
        let link: WireConnection
        do {
            link = try await WireConnection.open(
                endpoint, session: self.session, name: arguments.name, key: request.key,
                answers: .init(
                    messagePings: arguments.answersMessagePings && arguments.transport == "transport-ws",
                    controlPings: arguments.answersControlPings,
                    close: arguments.answersClose),
                tls: self.target.declared.tls, from: arguments.from, group: self.group)
        } catch {
            self.session.record(.connectFailed(reason: "\(error)"), connection: arguments.name, step: place)
            // Before the first answer this is about the environment, afterwards about the server.
            throw self.problem(
                isFirst && !arguments.name.hasPrefix("~") ? .harness : .server,
                "no TCP connection to \(endpoint.host):\(endpoint.port): \(error)", arguments.name, place)
        }
        self.links.set(arguments.name, link)
        self.session.record(.requestSent(bytes: Bytes(request.bytes)), connection: arguments.name, step: place)
        let more = try self.encode(arguments.thenSend, connection: arguments.name, place)
        for event in more.events { self.session.record(event, connection: arguments.name, step: place) }
        let sent = self.session.now()
        self.session.noteRound()
        await link.send(request.bytes + more.bytes, split: arguments.split)
        let name = arguments.name
        guard arguments.mustUpgrade else {
            _ = try await self.session.wait(until: self.session.now() + self.target.timing.reply) { state, _ -> Bool? in
                guard let connection = state.connections[name] else { return nil }
                return connection.response != nil || connection.isOver(until: .max) ? true : nil
            }
            return
        }
        let pattern = HandshakePattern(
            statuses: [101...101], subprotocol: nil, headers: Self.selection(offered), validUpgrade: true,
            noAnswer: false)
        try await self.decide(
            self.implicit(.handshake(connection: name), .handshake(pattern), within: self.target.timing.reply),
            since: since, place)
        self.roundTrips.note(self.session.now() - sent)
    }

    /// Where a connection goes: to one of several servers, or through the case's own proxy.
    func endpoint(_ arguments: ConnectArguments, _ place: String) async throws(Abort) -> Target.Endpoint {
        let all = try self.endpoints(ofReplica: arguments.replica, place)
        let isStream = Self.isStream(arguments.transport)
        guard var endpoint = all[arguments.transport] ?? (isStream ? all["sse"] : nil) else {
            throw self.problem(.undeclared, "the profile has no endpoint for \(arguments.transport)", nil, place)
        }
        if !isStream, !arguments.parameters.isEmpty {
            endpoint.path = StreamLink.path(endpoint.path, adding: arguments.parameters)
        }
        guard arguments.isViaLink else { return endpoint }
        do {
            let link = try await self.faults.link(to: endpoint)
            endpoint.host = "127.0.0.1"
            endpoint.port = link.port
            return endpoint
        } catch {
            throw self.problem(.harness, "no proxy could be started: \(error)", nil, place)
        }
    }

    /// The endpoints of one of several servers.
    func endpoints(ofReplica number: Int, _ place: String) throws(Abort) -> [String: Target.Endpoint] {
        if number == 0 { return self.target.endpoints }
        let index = number < 0 ? self.target.replicas.count + number : number
        guard self.target.replicas.indices.contains(index) else {
            throw self.problem(
                .undeclared, "there is no replica \(number): \(self.target.replicas.count) run", nil, place)
        }
        return self.target.replicas[index]
    }

    func identify(_ name: String, _ identity: (subject: String, tenant: String?)?, _ place: String) {
        guard let identity else { return }
        self.session.record(
            .identified(subject: identity.subject, tenant: identity.tenant), connection: name, step: place)
    }

    /// RFC 6455 §4.2.2: one of what was offered; with a single offer of ours, that one.
    private static func selection(_ offered: [String]) -> JSON {
        let absent = JSON.object([.init("$absent", .bool(true))])
        let pattern: JSON
        if offered.isEmpty {
            pattern = absent
        } else if offered.count == 1 {
            pattern = .string(offered[0])
        } else {
            return .object([])
        }
        return .object([.init("Sec-WebSocket-Protocol", pattern)])
    }

    /// An expectation that a step has by itself; it fails whatever the level of the scenario is.
    func implicit(
        _ subject: Expectation.Subject, _ form: Expectation.Form, within: UInt64, facet: Facet = .behaviour
    ) -> Expectation {
        Expectation(
            subject: subject,
            outcomes: [.init(verdict: .pass, name: nil, note: nil, stop: false, form: form)], otherwise: .fail,
            facet: facet, requirements: [], within: within, notBefore: nil, name: nil)
    }

    func open(
        _ arguments: ConnectArguments, payload: JSON?, within: UInt64, _ place: String
    ) async throws(Abort) {
        try await self.connect(arguments, initialises: true, place)
        if Self.isStream(arguments.transport) { return }
        let since = self.session.writer.nextSequence - 1
        try await self.write([.message(Self.initialization(payload))], to: arguments.name, split: nil, place)
        try await self.decide(self.acknowledgement(arguments.name, within: within), since: since, place)
    }

    private func acknowledgement(_ name: String, within: UInt64) -> Expectation {
        let ack = MessagePattern(message: .object([.init("type", .string("connection_ack"))]))
        return self.implicit(
            .messages(connection: name, lane: .connection, allow: []), .messages([ack], times: 1), within: within)
    }

    private static func initialization(_ payload: JSON?) -> String {
        var members: [JSON.Member] = [.init("type", .string("connection_init"))]
        if let payload { members.append(.init("payload", payload)) }
        return Generator.text(.object(members))
    }

    /// Opens a socket, again and again until the server lets it in. What happens at last is judged, as by `open`; what
    /// the refusals look like is not.
    func come(
        again arguments: ConnectArguments, payload: JSON?, within: UInt64, patience: UInt64, _ place: String
    ) async throws(Abort) {
        let name = arguments.name
        guard !Self.isStream(arguments.transport) else {
            throw self.problem(.harness, "`retry_for` is for sockets only", name, place)
        }
        let deadline = self.session.now() + patience
        var pause: UInt64 = 10_000_000
        var attempt = arguments
        attempt.mustUpgrade = false
        while self.session.now() < deadline {
            let since = self.session.writer.nextSequence - 1
            try await self.connect(attempt, initialises: true, place)
            let isUpgraded = self.session.read { $0.connections[name]?.response?.response.status == 101 }
            if isUpgraded, try await self.isAdmitted(name, payload: payload, within: within, place) {
                try await self.decide(self.acknowledgement(name, within: within), since: since, place)
                return
            }
            await self.leave(refused: name)
            _ = try await self.session.wait(until: self.session.now() + pause) { _, passed in passed ? true : nil }
            pause = min(pause * 2, 200_000_000)
        }
        try await self.open(arguments, payload: payload, within: within, place)
    }

    /// Opens a connection of the runner's own. A server that counts connections may not have seen yet that others left,
    /// so the runner comes again there.
    func openOwn(_ arguments: ConnectArguments, payload: JSON?, _ place: String) async throws(Abort) {
        let limits = ["connections", "connections_per_address", "connections_per_tenant", "connections_per_subject"]
        let within = self.target.timing.reply
        guard limits.contains(where: { self.target.has("profile.limits.\($0)") }) else {
            return try await self.open(arguments, payload: payload, within: within, place)
        }
        try await self.come(
            again: arguments, payload: payload, within: within, patience: self.target.timing.cleanup, place)
    }

    /// Sends an init; whether the server acknowledges it, before it ends the socket or takes too long.
    private func isAdmitted(
        _ name: String, payload: JSON?, within: UInt64, _ place: String
    ) async throws(Abort) -> Bool {
        let isOver = self.session.read { $0.connections[name]?.isOver(until: .max) ?? true }
        guard !isOver else { return false }
        try await self.write([.message(Self.initialization(payload))], to: name, split: nil, place)
        let answer = try await self.session.wait(until: self.session.now() + within) { state, _ -> Bool? in
            guard let connection = state.connections[name] else { return false }
            if connection.items.contains(where: { $0.type == "connection_ack" }) { return true }
            return connection.isOver(until: .max) ? false : nil
        }
        return answer ?? false
    }

    /// Gives the name free for another try; nothing is heard of the connection from then on.
    private func leave(refused name: String) async {
        await self.links.get(name)?.close()
        self.links.forget(name)
    }

    // MARK: Writing

    func write(_ items: [WriteItem], to name: String, split: Split?, _ place: String) async throws(Abort) {
        if let stream = self.links.stream(name) {
            try await self.write(items, to: name, stream: stream, place)
            return
        }
        let link = try self.link(name, place)
        if let end = self.session.read({ state in
            state.connections[name].flatMap { $0.isOver(until: .max) ? $0.endSummary : nil }
        }) {
            throw self.problem(.server, "the server ended `\(name)` before this step: \(end)", name, place)
        }
        let encoded = try self.encode(items, connection: name, place)
        for event in encoded.events { self.session.record(event, connection: name, step: place) }
        self.session.noteRound()
        await link.send(encoded.bytes, split: split)
    }

    /// The bytes of items and the records that they make.
    private func encode(
        _ items: [WriteItem], connection: String, _ place: String
    ) throws(Abort) -> (bytes: [UInt8], events: [HistoryRecord.Event]) {
        var bytes: [UInt8] = []
        var events: [HistoryRecord.Event] = []
        func add(_ frame: RawFrame) {
            bytes.append(contentsOf: FrameWriter.bytes(frame))
            events.append(.frameSent(frame: FrameWriter.record(frame)))
        }
        for item in items {
            switch item {
            case .message(let text): add(RawFrame(opcode: Opcode.text, payload: Array(text.utf8)))
            case .initialization(let payload, let name):
                guard let token = self.session.token(name) else {
                    throw self.problem(.harness, "no token was minted as `\(name)`", connection, place)
                }
                let text = Self.initialization(self.carry(token, over: self.transport(of: connection), payload))
                events.append(.identified(subject: token.subject, tenant: token.tenant))
                add(RawFrame(opcode: Opcode.text, payload: Array(text.utf8)))
            case .frames(let frames): for frame in frames { add(frame) }
            case .bytes(let raw):
                bytes.append(contentsOf: raw)
                events.append(.bytesSent(bytes: Bytes(raw)))
            case .start(let start):
                let text = try self.message(start, connection: connection, place)
                add(RawFrame(opcode: Opcode.text, payload: Array(text.utf8)))
            case .complete(let id):
                let type = self.transport(of: connection) == "legacy-ws" ? "stop" : "complete"
                let text = JSON.object([.init("id", .string(id)), .init("type", .string(type))]).text
                add(RawFrame(opcode: Opcode.text, payload: Array(text.utf8)))
            }
        }
        return (bytes, events)
    }

    func transport(of connection: String) -> String {
        self.session.read { $0.connections[connection]?.transport ?? "transport-ws" }
    }

    /// The JSON text that says what to run.
    func payload(of start: OperationStart, connection: String, _ place: String) throws(Abort) -> String {
        switch start.kind {
        case .payload(let text): return text
        case .stream(let topic, let tenant):
            guard let stream = self.target.stream else {
                throw self.problem(.undeclared, "the profile has no stream", connection, place)
            }
            self.session.setTopic(topic, connection: connection, id: start.id)
            var variables = stream.variables.replacing(["topic": topic, "tenant": tenant ?? ""])
            if let tenant, let name = stream.tenantVariable {
                variables = variables.setting(.string(tenant), at: [name])
            }
            return JSON.object([.init("query", .string(stream.document)), .init("variables", variables)]).text
        }
    }

    private func message(_ start: OperationStart, connection: String, _ place: String) throws(Abort) -> String {
        let payload = try self.payload(of: start, connection: connection, place)
        let type = self.transport(of: connection) == "legacy-ws" ? "start" : "subscribe"
        return "{\"id\":\(JSON.string(start.id).text),\"type\":\"\(type)\",\"payload\":\(payload)}"
    }

    // MARK: Cutting

    func drop(_ name: String, _ how: Step.DropKind, _ place: String) async throws(Abort) {
        if let stream = self.links.stream(name) {
            try self.dropStream(stream, name, how, place)
            return
        }
        let link = try self.link(name, place)
        self.session.record(.dropped(how: how.rawValue), connection: name, step: place)
        switch how {
        case .rst: await link.reset()
        case .fin: await link.finish()
        case .stopReading: await link.setReading(false)
        case .blackhole: await link.vanish()
        case .midFrame:
            // A header that announces 100 bytes, a mask, and 10 of them.
            let half: [UInt8] = [0x81, 0x80 | 100, 1, 2, 3, 4] + [UInt8](repeating: 0x20, count: 10)
            self.session.record(.bytesSent(bytes: Bytes(half)), connection: name, step: place)
            await link.send(half, split: .sizes([half.count]))
            await link.close()
        }
    }

    // MARK: Fence

    func fence(_ name: String, _ place: String) async throws(Abort) {
        // Only the modern dialect has a ping of its own.
        if self.transport(of: name) != "transport-ws" {
            try await self.fenceByOperation(name, place)
            return
        }
        let mark = "\(self.token)-fence-\(self.session.nextSerial())"
        let ping = JSON.object([
            .init("type", .string("ping")), .init("payload", .object([.init("fence", .string(mark))])),
        ])
        try await self.write([.message(ping.text)], to: name, split: nil, place)
        let sent = self.session.read { $0.connections[name]?.pingsSent ?? 0 }
        let passed = try await self.session.wait(until: self.session.now() + self.target.timing.reply) {
            state, _ -> Bool? in
            guard let connection = state.connections[name] else { return nil }
            let echo = connection.items.firstIndex { item in
                item.type == "pong" && item.json?["payload"]?["fence"]?.stringValue == mark
            }
            let counted =
                connection.pongsReceived >= sent
                ? connection.items.lastIndex { $0.type == "pong" && !$0.isConsumed } : nil
            if let index = echo ?? counted {
                state.consume([index], of: name)
                return true
            }
            return connection.isOver(until: .max) ? false : nil
        }
        switch passed {
        case true?: self.session.record(.fencePassed(kind: "ping", settled: false), connection: name, step: place)
        case false?:
            let end = self.session.read { $0.connections[name]?.endSummary ?? "" }
            throw self.problem(.server, "the server ended `\(name)` while a fence was set: \(end)", name, place)
        case nil:
            throw self.problem(
                .server, "no pong came for the fence's ping within \(Describe.milliseconds(self.target.timing.reply))",
                name, place)
        }
    }

    // MARK: Afterwards

    /// The dialect of the runner's own connections; nil if the server has no socket.
    var ownTransport: String? { ["transport-ws", "legacy-ws"].first { self.target.endpoints[$0] != nil } }

    /// A new client makes a full round trip.
    func checkLiveness() async {
        let name = Self.livenessName
        let place = "after the case"
        do throws(Abort) {
            guard let transport = self.ownTransport else {
                try await self.checkLivenessByHTTP(place)
                return
            }
            let token = try await self.token(nil, tenant: self.tenantApart, place)
            let own = self.carry(token, in: Self.plainConnection(name, transport), payload: nil)
            try await self.openOwn(own.arguments, payload: own.payload, place)
            let since = self.session.writer.nextSequence - 1
            try await self.write(
                [.start(OperationStart(id: "alive", kind: .payload("{\"query\":\"{ __typename }\"}")))], to: name,
                split: nil, place)
            let type = transport == "legacy-ws" ? "data" : "next"
            let data = JSON.object([.init("__typename", .object([.init("$type", .string("string"))]))])
            let result = MessagePattern(
                message: .object([
                    .init("type", .string(type)), .init("payload", .object([.init("data", data)])),
                ]))
            let complete = MessagePattern(message: .object([.init("type", .string("complete"))]))
            try await self.decide(
                self.implicit(
                    .messages(connection: name, lane: .operation(id: "alive"), allow: []),
                    .messages([result, complete], times: 1), within: self.target.timing.reply, facet: .recovery),
                since: since, place)
        } catch {
            // The judge finds it in the history.
        }
    }

    /// Where tenants have a message rate the runner's own clients would use it up between them, so that of each case has a
    /// tenant of its own if the runner can sign tokens for any; nil for the usual one.
    private var tenantApart: String? {
        guard self.target.has("profile.limits.messages_per_tenant"), case .jwt? = self.target.declared.auth?.mint,
            case .claim? = self.target.declared.tenancy?.source
        else { return nil }
        return self.token
    }

    private func checkLivenessByHTTP(_ place: String) async throws(Abort) {
        let endpoint = self.target.endpoints["http"] != nil ? "http" : "sse"
        let since = self.session.writer.nextSequence - 1
        let token = try await self.token(nil, place)
        _ = try await self.post(
            "{\"query\":\"{ __typename }\"}", to: Self.livenessName, endpoint: endpoint, token: token, place)
        let pattern = HandshakePattern(
            statuses: [200...200], subprotocol: nil, headers: .object([]), validUpgrade: false, noAnswer: false)
        try await self.decide(
            self.implicit(
                .handshake(connection: Self.livenessName), .handshake(pattern), within: self.target.timing.reply,
                facet: .recovery),
            since: since, place)
    }

    static func plainConnection(_ name: String, _ transport: String) -> ConnectArguments {
        ConnectArguments(
            name: name, transport: transport, offer: nil, headers: [], headerLines: [], method: "GET", path: nil,
            request: nil, split: nil, thenSend: [], mustUpgrade: true, answersMessagePings: true,
            answersControlPings: true, answersClose: true)
    }
}

extension JSON {
    /// The value with `{{name}}` in every string replaced.
    func replacing(_ values: [String: String]) -> JSON {
        switch self {
        case .string(let text):
            var text = text
            for (name, value) in values { text = text.replacing("{{\(name)}}", with: value) }
            return .string(text)
        case .array(let items): return .array(items.map { $0.replacing(values) })
        case .object(let members): return .object(members.map { .init($0.name, $0.value.replacing(values)) })
        default: return self
        }
    }
}
