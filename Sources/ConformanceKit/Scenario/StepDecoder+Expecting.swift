extension StepDecoder {
    private enum LaneWord: String, CaseIterable { case all, connection, operations }
    private enum ControlWord: String, CaseIterable { case ping, pong, comment, retry, end }

    /// What is common to all expectations.
    private struct Frame {
        var otherwise: Verdict
        var facet: Facet
        var requirements: [String]
        var within: UInt64
        var notBefore: UInt64?
        var name: String?
    }

    private func frame(_ reader: inout ArgumentReader, facet: Facet) throws(ScenarioError) -> Frame {
        Frame(
            otherwise: try reader.choice("otherwise", Verdict.self)
                ?? (self.context.level == .should ? .nonstrict : .fail),
            facet: try reader.choice("facet", Facet.self) ?? facet,
            requirements: try reader.strings("covers") ?? [],
            within: try reader.duration("within") ?? self.context.timing.reply,
            notBefore: try reader.duration("not_before"), name: try reader.string("as"))
    }

    private func expectation(_ subject: Expectation.Subject, _ outcomes: [Expectation.Outcome], _ frame: Frame)
        -> Expectation
    {
        Expectation(
            subject: subject, outcomes: outcomes, otherwise: frame.otherwise, facet: frame.facet,
            requirements: frame.requirements, within: frame.within, notBefore: frame.notBefore, name: frame.name)
    }

    /// An outcome without a verdict of its own.
    private func strict(_ form: Expectation.Form) -> Expectation.Outcome {
        .init(
            verdict: self.context.level == .info ? .info : .pass, name: nil, note: nil, stop: false, form: form)
    }

    /// `type: result` is `next` or `data`, whichever the dialect has.
    private static let resultType = JSON.object([.init("$one_of", .array([.string("next"), .string("data")]))])

    // MARK: Messages

    func expect(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        let frame = try self.frame(&reader, facet: .behaviour)
        let connection = try self.name("conn", &reader)
        let allow = try self.patterns("allow", &reader) ?? []
        // An id that is a pattern chooses among all operations.
        let idIsPattern = reader.node("id").map { PatternMatcher.operatorName($0.json) != nil && $0["$repeat"] == nil }
        let id = idIsPattern ?? false ? nil : try reader.string("id")
        let laneWord = try reader.choice("lane", LaneWord.self) ?? (idIsPattern ?? false ? .operations : nil)
        var readsAll = reader.node("messages") != nil
        var isControl = reader.node("control") != nil
        let outcomes: [Expectation.Outcome]
        if let alternatives = try self.alternatives(&reader) {
            outcomes = alternatives.outcomes
            readsAll = readsAll || alternatives.readsAll
            isControl = isControl || alternatives.readsControl
        } else {
            guard let form = try self.form(&reader, ignoring: idIsPattern ?? false ? [] : ["id"]) else {
                throw reader.missing("type", "or message, messages, control, close, nothing or one_of")
            }
            outcomes = [self.strict(form)]
        }
        let lane = self.lane(id: id, word: laneWord, readsAll: readsAll, isControl: isControl)
        return .expect(
            self.expectation(.messages(connection: connection, lane: lane, allow: allow), outcomes, frame))
    }

    private func lane(id: String?, word: LaneWord?, readsAll: Bool, isControl: Bool) -> Expectation.Lane {
        if isControl { return .control }
        switch word {
        case .all: return .all
        case .connection: return .connection
        case .operations: return .operations
        case nil: break
        }
        if let id { return id == "any" ? .operations : .operation(id: id) }
        return readsAll ? .all : .connection
    }

    /// The `one_of` list, if there is one.
    private func alternatives(
        _ reader: inout ArgumentReader
    ) throws(ScenarioError) -> (outcomes: [Expectation.Outcome], readsAll: Bool, readsControl: Bool)? {
        guard let node = reader.node("one_of") else { return nil }
        guard case .list(let nodes) = node.content, !nodes.isEmpty else {
            throw reader.wrong("one_of", node, "a list of outcomes")
        }
        var outcomes: [Expectation.Outcome] = []
        var readsAll = false
        var readsControl = false
        for node in nodes {
            var inner = try ArgumentReader(node, what: "an outcome", context: self.context)
            var outcome = try self.outcome(&inner)
            readsAll = readsAll || inner.node("messages") != nil
            readsControl = readsControl || inner.node("control") != nil
            guard let form = try self.form(&inner, ignoring: []) else {
                throw inner.missing("type", "or message, messages, control, close, code, nothing or anything")
            }
            outcome.form = form
            try inner.finish()
            outcomes.append(outcome)
        }
        return (outcomes, readsAll, readsControl)
    }

    private func outcome(_ reader: inout ArgumentReader) throws(ScenarioError) -> Expectation.Outcome {
        .init(
            verdict: try reader.choice("verdict", Verdict.self) ?? (self.context.level == .info ? .info : .pass),
            name: try reader.string("name"), note: try reader.string("note"), stop: try reader.bool("stop") ?? false,
            form: .anything)
    }

    /// Which form the keys of a mapping describe; nil if none.
    private func form(
        _ reader: inout ArgumentReader, ignoring: Set<String>
    ) throws(ScenarioError) -> Expectation.Form? {
        var forms: [Expectation.Form] = []
        let times = try reader.int("count", in: 1...1_000_000) ?? 1
        if let patterns = try self.patterns("messages", &reader) { forms.append(.messages(patterns, times: times)) }
        if let pattern = try self.pattern(&reader, ignoring: ignoring) {
            forms.append(.messages([pattern], times: times))
        }
        if let word = try reader.choice("control", ControlWord.self) {
            var members: [JSON.Member] = [.init("control", .string(word.rawValue))]
            if let digits = try reader.string("payload_hex") {
                let bytes = Bytes.parse(hex: digits).map { Bytes.hex($0) }
                members.append(.init("payload_hex", .string(bytes ?? digits)))
            }
            if let text = try reader.pattern("text") { members.append(.init("text", text)) }
            if let id = try reader.string("id"), id != "any" { members.append(.init("id", .string(id))) }
            forms.append(.messages([MessagePattern(message: .object(members))], times: times))
        } else if try reader.string("payload_hex") != nil {
            throw reader.missing("control")
        }
        if let node = reader.node("close") {
            var inner = try ArgumentReader(node, what: "`close`", context: self.context)
            forms.append(.close(try self.closePattern(&inner)))
            try inner.finish()
        } else if reader.node("code") != nil || reader.node("form") != nil {
            forms.append(.close(try self.closePattern(&reader)))
        }
        if try reader.bool("nothing") ?? false { forms.append(.nothing) }
        if try reader.bool("anything") ?? false { forms.append(.anything) }
        guard forms.count <= 1 else {
            throw reader.context.error(
                at: reader.node, "\(reader.what) describes several outcomes at once", "use one_of, one item for each")
        }
        return forms.first
    }

    func patterns(_ key: String, _ reader: inout ArgumentReader) throws(ScenarioError) -> [MessagePattern]? {
        guard let node = reader.node(key) else { return nil }
        guard case .list(let nodes) = node.content else { throw reader.wrong(key, node, "a list of message patterns") }
        return try self.patterns(nodes)
    }

    func patterns(_ nodes: [ScenarioNode]) throws(ScenarioError) -> [MessagePattern] {
        var patterns: [MessagePattern] = []
        for node in nodes {
            var inner = try ArgumentReader(node, what: "a message pattern", context: self.context)
            guard let pattern = try self.pattern(&inner, ignoring: []) else {
                throw inner.missing("type", "or id, payload, message, only")
            }
            try inner.finish()
            patterns.append(pattern)
        }
        return patterns
    }

    private func pattern(
        _ reader: inout ArgumentReader, ignoring: Set<String>
    ) throws(ScenarioError) -> MessagePattern? {
        var members: [JSON.Member] = []
        for key in ["type", "id", "payload"] {
            let pattern = try reader.pattern(key)
            guard var pattern, !ignoring.contains(key) else { continue }
            if key == "type", pattern == .string("result") { pattern = Self.resultType }
            members.append(.init(key, pattern))
        }
        let whole = try reader.pattern("message")
        let only = try reader.strings("only")
        if members.isEmpty && whole == nil && only == nil { return nil }
        let parts = JSON.object(members)
        guard let whole else { return MessagePattern(message: parts, only: only) }
        let both: JSON = members.isEmpty ? whole : .object([.init("$all", .array([whole, parts]))])
        return MessagePattern(message: both, only: only)
    }

    // MARK: Operations

    func run(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        let frame = try self.frame(&reader, facet: .behaviour)
        let connection = try self.name("conn", &reader)
        let data = try reader.pattern("data")
        let start = try self.operation(&reader)
        let payload: JSON = .object([
            .init("data", data ?? .object([.init("$any", .bool(true))])),
            .init("errors", .object([.init("$absent", .bool(true))])),
        ])
        let next = MessagePattern(message: .object([.init("type", Self.resultType), .init("payload", payload)]))
        let complete = MessagePattern(message: .object([.init("type", .string("complete"))]))
        let expectation = self.expectation(
            .messages(connection: connection, lane: .operation(id: start.id), allow: []),
            [self.strict(.messages([next, complete], times: 1))], frame)
        return .run(connection: connection, start: start, expectation: expectation)
    }

    // MARK: Silence and closing

    func expectNone(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        var frame = try self.frame(&reader, facet: .behaviour)
        frame.within = 0
        if let node = reader.node("within") {
            throw reader.context.error(
                at: node, "`expect_none` takes no `within`", "it settles by itself, behind a fence")
        }
        let connection = try self.name("conn", &reader)
        let allow = try self.patterns("allow", &reader) ?? []
        let id = try reader.string("id")
        let word = try reader.choice("lane", LaneWord.self)
        let pattern = try self.pattern(&reader, ignoring: ["id"])
        let lane = self.lane(id: id, word: word, readsAll: word == nil && id == nil, isControl: false)
        // With a pattern only what fits it is forbidden; the rest is passed over.
        let passed = pattern.map { [MessagePattern(message: .object([.init("$not", $0.message)]), only: nil)] } ?? []
        return .expectNone(
            self.expectation(
                .messages(connection: connection, lane: lane, allow: allow + passed), [self.strict(.nothing)], frame))
    }

    func expectClose(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        let frame = try self.frame(&reader, facet: .close)
        let connection = try self.name("conn", &reader)
        let allow = try self.patterns("allow", &reader) ?? []
        let pattern = try self.closePattern(&reader)
        let outcomes = try self.alternatives(&reader)?.outcomes ?? [self.strict(.close(pattern))]
        return .expect(
            self.expectation(.messages(connection: connection, lane: .all, allow: allow), outcomes, frame))
    }

    private func closePattern(_ reader: inout ArgumentReader) throws(ScenarioError) -> ClosePattern {
        var codes: [Int]?
        if let node = reader.node("code"), !reader.isDeferred(node) {
            let values: [JSON] =
                switch node.json {
                case .array(let items): items
                case let value: [value]
                }
            var numbers: [Int] = []
            for value in values {
                if value.stringValue == "any" { continue }
                guard let number = value.integer, (0...65_535).contains(number) else {
                    throw reader.wrong("code", node, "a close code, a list of them, or any")
                }
                numbers.append(number)
            }
            codes = numbers.isEmpty ? nil : numbers
        }
        return ClosePattern(
            codes: codes, reason: try reader.pattern("reason"),
            form: try reader.choice("form", ClosePattern.CloseForm.self) ?? .frame,
            untilEOF: try reader.bool("until_eof") ?? false)
    }

    // MARK: The answer to the upgrade

    func expectHTTP(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        let frame = try self.frame(&reader, facet: .behaviour)
        let connection = try self.name("conn", &reader)
        var outcomes: [Expectation.Outcome] = []
        if let node = reader.node("one_of") {
            guard case .list(let nodes) = node.content, !nodes.isEmpty else {
                throw reader.wrong("one_of", node, "a list of outcomes")
            }
            for node in nodes {
                var inner = try ArgumentReader(node, what: "an outcome", context: self.context)
                var outcome = try self.outcome(&inner)
                if try inner.bool("anything") ?? false {
                    outcome.form = .anything
                } else {
                    outcome.form = .handshake(try self.handshake(&inner))
                }
                try inner.finish()
                outcomes.append(outcome)
            }
        }
        let pattern = try self.handshake(&reader)
        if outcomes.isEmpty { outcomes = [self.strict(.handshake(pattern))] }
        return .expect(self.expectation(.handshake(connection: connection), outcomes, frame))
    }

    private func handshake(_ reader: inout ArgumentReader) throws(ScenarioError) -> HandshakePattern {
        var statuses: [ClosedRange<Int>]?
        if let node = reader.node("status"), !reader.isDeferred(node) {
            let values: [JSON] =
                switch node.json {
                case .array(let items): items
                case let value: [value]
                }
            var ranges: [ClosedRange<Int>] = []
            for value in values {
                let text = value.plainText
                if let number = Int(text), (100...999).contains(number) {
                    ranges.append(number...number)
                } else if text.count == 3, text.hasSuffix("xx"), let hundreds = Int(text.prefix(1)) {
                    ranges.append(hundreds * 100...hundreds * 100 + 99)
                } else {
                    throw reader.wrong("status", node, "a status such as 101 or 4xx, or a list")
                }
            }
            statuses = ranges
        }
        let noAnswer = try reader.bool("no_answer") ?? false
        let isUpgrade = statuses?.allSatisfy { $0 == 101...101 } ?? false
        return HandshakePattern(
            statuses: statuses, subprotocol: try reader.string("subprotocol"),
            headers: try reader.pattern("headers") ?? .object([]), validUpgrade: isUpgrade, noAnswer: noAnswer,
            body: try reader.pattern("body"), bodyText: try reader.pattern("body_text"),
            version: try self.versionText(&reader))
    }

    private func versionText(_ reader: inout ArgumentReader) throws(ScenarioError) -> String? {
        guard let node = reader.node("version"), !reader.isDeferred(node) else { return nil }
        guard ["1.0", "1.1", "2"].contains(node.json.plainText) else {
            throw reader.wrong("version", node, "1.0, 1.1 or 2")
        }
        return node.json.plainText
    }

    // MARK: Events

    func expectEvents(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        enum Order: String, CaseIterable { case emitted, any }
        let frame = try self.frame(&reader, facet: .behaviour)
        let connection = try self.name("conn", &reader)
        let exactly = try reader.strings("exactly")
        let atLeast = try reader.strings("at_least")
        guard let emissions = exactly ?? atLeast, exactly == nil || atLeast == nil else {
            throw reader.missing("exactly", "or `at_least`, with the names of emit steps")
        }
        let events = Expectation.EventsExpectation(
            connection: connection, id: try reader.string("id") ?? "1", emissions: emissions,
            exactly: exactly != nil, ordered: try reader.choice("order", Order.self) ?? .emitted == .emitted,
            noncePath: "")
        return .expect(self.expectation(.events(events), [self.strict(.delivered)], frame))
    }
}
