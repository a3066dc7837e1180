extension StepDecoder {
    private enum RedisWord: String, CaseIterable {
        case subscriptions, subscribers, patterns, receivers, connects
        case pubsubClients = "pubsub-clients"
    }

    private enum ConnectionsWord: String, CaseIterable { case open }

    func observe(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        let source = try self.source(&reader)
        guard let name = try reader.string("as") else { throw reader.missing("as") }
        return .observe(source, name: name)
    }

    func value(_ reader: inout ArgumentReader, isEventual: Bool) throws(ScenarioError) -> Step.Action {
        let source = try self.source(&reader)
        let comparison = try self.comparison(&reader)
        let expectation = Expectation(
            subject: .value(source: source.label),
            outcomes: [
                .init(
                    verdict: self.context.level == .info ? .info : .pass, name: nil, note: nil, stop: false,
                    form: .value(comparison))
            ],
            otherwise: try reader.choice("otherwise", Verdict.self)
                ?? (self.context.level == .should ? .nonstrict : .fail),
            facet: try reader.choice("facet", Facet.self) ?? .behaviour,
            requirements: try reader.strings("covers") ?? [],
            within: isEventual
                ? try reader.duration("within") ?? self.context.timing.cleanup : self.context.timing.reply,
            notBefore: nil, name: try reader.string("as"))
        return .value(source, expectation, isEventual: isEventual)
    }

    private func source(_ reader: inout ArgumentReader) throws(ScenarioError) -> ValueSource {
        let query = try reader.string("query")
        let redis = try reader.choice("redis", RedisWord.self)
        let savedNode = reader.node("saved")
        let process = try reader.choice("process", ValueSource.ProcessQuestion.self)
        let metric = try reader.string("metric")
        let status = try reader.string("status")
        let connections = try reader.choice("connections", ConnectionsWord.self)
        let deliveries = try reader.string("deliveries")
        let given = [
            query != nil, redis != nil, savedNode != nil, process != nil, metric != nil, status != nil,
            connections != nil, deliveries != nil,
        ].filter { $0 }.count
        guard given == 1 else {
            throw reader.missing(
                "query",
                "or one of redis, saved, process, metric, status, connections, deliveries, and only one of them")
        }
        if let process { return .process(process) }
        if let metric { return .metric(metric) }
        if let status { return .status(status) }
        if connections != nil { return .openConnections }
        if let deliveries {
            return .deliveries(
                of: deliveries, connection: try self.name("conn", &reader), id: try reader.string("id"))
        }
        if let query {
            var members: [JSON.Member] = [.init("query", .string(query))]
            if let variables = reader.json("variables") { members.append(.init("variables", variables)) }
            guard let path = try reader.string("at") else {
                throw reader.missing("at", "the path of the value in the result, such as data.counter")
            }
            return .query(
                payload: JSON.object(members).text, at: path, connection: try reader.string("conn"))
        }
        switch redis {
        case .subscriptions: return .redis(.subscriptions(containing: try reader.string("of") ?? ""))
        case .subscribers: return .redis(.subscribers(containing: try reader.string("of") ?? ""))
        case .patterns: return .redis(.patterns)
        case .connects: return .redisConnects
        case .pubsubClients: return .redis(.pubsubClients)
        case .receivers:
            guard let channel = try reader.string("channel") else { throw reader.missing("channel") }
            return .redis(.receivers(channel: channel))
        case nil: return .saved(savedNode?.json ?? .null)
        }
    }

    private func comparison(_ reader: inout ArgumentReader) throws(ScenarioError) -> ValueComparison {
        let kinds: [(key: String, kind: ValueComparison.Kind)] = [
            ("equals", .equals), ("differs", .differs), ("at_least", .atLeast), ("at_most", .atMost),
            ("rose_by", .roseBy), ("rose_by_at_most", .roseByAtMost),
        ]
        var found: [ValueComparison] = []
        let base = reader.json("since")
        for (key, kind) in kinds {
            guard let operand = try reader.pattern(key) else { continue }
            if kind != .equals && kind != .differs, operand.doubleValue == nil, !reader.context.isLint {
                throw reader.wrong(key, reader.node(key) ?? reader.node, "a number")
            }
            found.append(ValueComparison(kind: kind, operand: operand, base: base))
        }
        guard let comparison = found.first, found.count == 1 else {
            throw reader.missing("equals", "or one of differs, at_least, at_most, rose_by, rose_by_at_most")
        }
        let counts = comparison.kind == .roseBy || comparison.kind == .roseByAtMost
        if counts, base == nil { throw reader.missing("since", "the saved value to count from") }
        return comparison
    }
}
