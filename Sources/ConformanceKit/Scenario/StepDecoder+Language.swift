extension StepDecoder {
    // MARK: Tokens

    func mint(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        guard let name = try reader.string("as") else { throw reader.missing("as") }
        let lifetime = try reader.duration("ttl").map { Int($0 / 1_000_000_000) }
        if lifetime == 0, !self.context.isLint {
            throw reader.wrong("ttl", reader.node("ttl") ?? reader.node, "at least one second")
        }
        return .mint(
            MintArguments(
                name: name, kind: try reader.choice("kind", TokenKind.self) ?? .valid,
                subject: try reader.string("subject"), tenant: try reader.string("tenant"), lifetime: lifetime,
                claims: try self.members("claims", &reader), without: try reader.strings("without") ?? [],
                header: try self.members("header", &reader)))
    }

    private func members(_ key: String, _ reader: inout ArgumentReader) throws(ScenarioError) -> [JSON.Member] {
        guard let node = reader.node(key), !reader.isDeferred(node) else { return [] }
        guard case .object(let members) = node.json else { throw reader.wrong(key, node, "a mapping") }
        return members
    }

    // MARK: Events of the scenario's own making

    /// The operation of a `live` that does not use the profile's stream.
    func probe(_ reader: inout ArgumentReader) throws(ScenarioError) -> OperationProbe? {
        guard let query = try reader.string("query") else { return nil }
        guard let connection = try reader.string("by") else { throw reader.missing("by", "who runs the query") }
        return OperationProbe(
            connection: connection, query: query, variables: try self.members("variables", &reader))
    }

    /// The words of a Redis command; what is no text is given as JSON.
    func redisCommand(_ reader: inout ArgumentReader) throws(ScenarioError) -> [String] {
        guard let node = reader.node("command") else { throw reader.missing("command") }
        if reader.isDeferred(node) { return [] }
        guard case .array(let words) = node.json, !words.isEmpty else {
            throw reader.wrong("command", node, "a list of words, such as [PUBLISH, channel, message]")
        }
        return words.map { Generator.string($0) ?? $0.stringValue ?? $0.text }
    }

    // MARK: Events in the background

    func emitter(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        guard let name = try reader.string("as") else { throw reader.missing("as") }
        guard let topic = try reader.string("topic") else { throw reader.missing("topic") }
        let every = try reader.duration("every")
        let rate = try self.rate(&reader)
        guard let interval = every ?? rate, every == nil || rate == nil else {
            throw reader.missing("rate", "such as 20/s, or `every` with a duration")
        }
        if interval == 0, !self.context.isLint {
            throw reader.wrong("every", reader.node("every") ?? reader.node, "more than nothing")
        }
        return .emitter(
            EmitterArguments(
                emit: EmitArguments(
                    name: name, topic: topic, count: try reader.int("count", in: 1...1_000_000) ?? 1_000_000,
                    wanted: nil, tenant: try reader.string("tenant")), interval: interval))
    }

    /// Nanoseconds between two of `20/s`.
    private func rate(_ reader: inout ArgumentReader) throws(ScenarioError) -> UInt64? {
        guard let node = reader.node("rate") else { return nil }
        if reader.isDeferred(node) { return 1 }
        guard case .value(.string(let text)) = node.content, text.hasSuffix("/s"),
            let number = Double(text.dropLast(2)), number > 0, number <= 100_000
        else { throw reader.wrong("rate", node, "events a second, such as 20/s") }
        return UInt64(1_000_000_000 / number)
    }

    func stop(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        guard let name = try reader.string("emitter") else { throw reader.missing("emitter") }
        return .stop(emitter: name)
    }

    // MARK: Faults

    func fault(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        guard let target = try reader.choice("target", FaultTarget.self) else {
            throw reader.missing("target", "redis, link or server")
        }
        guard let node = reader.node("effect") else {
            throw reader.missing("effect", "one of " + FaultEffect.words.joined(separator: ", "))
        }
        let effect = try self.effect(node, &reader)
        let duration = try reader.duration("for")
        if case .pause = effect, duration == nil { throw reader.missing("for", "Redis pauses for a time only") }
        return .fault(
            FaultArguments(
                name: try reader.string("as") ?? "fault", target: target, effect: effect, duration: duration))
    }

    private func effect(
        _ node: ScenarioNode, _ reader: inout ArgumentReader
    ) throws(ScenarioError) -> FaultEffect {
        let direction = try reader.choice("direction", FaultEffect.Direction.self) ?? .both
        let latency = try reader.duration("latency")
        let jitter = try reader.duration("jitter") ?? 0
        let rate = try reader.size("bytes_per_second")
        let bytes = try reader.size("bytes")
        let percent = try reader.int("percent", in: 1...100)
        let keepsData = try reader.bool("keep_data") ?? false
        if reader.isDeferred(node) { return .refuse }
        guard case .value(let value) = node.content, FaultEffect.words.contains(value.plainText) else {
            throw self.context.error(
                at: node, "`effect` of `fault` cannot be `\(node.json.plainText)`",
                Suggestion.hint(for: node.json.plainText, among: FaultEffect.words))
        }
        switch value.plainText {
        case "kill": return .kill(keepsData: keepsData)
        case "hang": return .hang
        case "stop": return .stop
        case "refuse": return .refuse
        case "reset": return .reset
        case "blackhole": return .blackhole(direction)
        case "loss":
            guard let percent else { throw reader.missing("percent", "how many of a hundred packets get lost") }
            return .loss(percent: percent, direction)
        case "disconnect": return .disconnect
        case "memory":
            guard let bytes else { throw reader.missing("bytes", "how much more than it has") }
            return .memory(bytes: bytes)
        case "latency":
            guard let latency else { throw reader.missing("latency", "how long every piece waits") }
            return .latency(latency, jitter: jitter, direction)
        case "throttle":
            guard let rate, rate > 0 || self.context.isLint else { throw reader.missing("bytes_per_second") }
            return .throttle(bytesPerSecond: rate, direction)
        case "slice":
            guard let bytes, bytes > 0 || self.context.isLint else {
                throw reader.missing("bytes", "the largest piece")
            }
            return .slice(bytes: bytes, direction)
        case "cut":
            guard let bytes else { throw reader.missing("bytes", "after how many") }
            return .cut(afterBytes: bytes, direction)
        case "drop-pubsub": return .dropPubSub
        default: return .pause
        }
    }

    func heal(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        .heal(name: try reader.string("fault") ?? "all")
    }

    // MARK: Waiting

    func wait(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        if let name = try reader.string("emitted") {
            guard let least = try reader.int("at_least", in: 1...1_000_000) else { throw reader.missing("at_least") }
            return .wait(
                .emitted(
                    name: name, atLeast: least,
                    within: try reader.duration("within") ?? self.context.timing.cleanup))
        }
        if let token = try reader.string("expiry_of") {
            return .wait(.expiry(token: token, plus: try reader.duration("plus") ?? 0))
        }
        guard let elapsed = try reader.duration("elapsed") else {
            throw reader.missing("elapsed", "or `emitted` with `at_least`, or `expiry_of` with `plus`")
        }
        guard try reader.string("because") != nil else {
            throw reader.missing("because", "a wait without a reason is a sleep; say what has to have happened")
        }
        return .wait(.elapsed(elapsed))
    }

    /// A value that has to hold all the time.
    func always(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        let duration = try reader.duration("for")
        let fault = try reader.string("during")
        let every = try reader.duration("every") ?? 100_000_000
        guard duration == nil || fault == nil, duration != nil || fault != nil else {
            throw reader.missing("during", "the name of a fault, or `for` with a duration, but not both")
        }
        guard case .value(let source, let expectation, _) = try self.value(&reader, isEventual: false) else {
            throw reader.missing("equals")
        }
        return .always(
            source, expectation, span: duration.map { .duration($0) } ?? .fault(fault ?? ""), every: max(every, 1))
    }

    // MARK: Flow

    /// Branches on what the profile promises.
    func policy(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        guard let path = try reader.string("of") else { throw reader.missing("of", "such as profile.degrade.events") }
        guard path.hasPrefix("profile.") else {
            throw reader.wrong("of", reader.node("of") ?? reader.node, "a value of the profile, such as profile.a.b")
        }
        guard case .map(let entries) = reader.node.content else { throw reader.missing("of") }
        var branches: [(value: String, steps: [ScenarioNode])] = []
        for entry in entries where entry.key != "of" {
            _ = reader.node(entry.key)
            guard case .list(let steps) = entry.value.content else {
                throw reader.wrong(entry.key, entry.value, "a list of steps, [] for nothing")
            }
            branches.append((entry.key, steps))
        }
        guard !branches.isEmpty else { throw reader.missing("otherwise", "or a branch for each value") }
        return .policy(of: String(path.dropFirst("profile.".count)), branches: branches)
    }

    func use(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        guard let name = try reader.string("fragment") else { throw reader.missing("fragment") }
        guard case .map(let entries) = reader.node.content else { throw reader.missing("fragment") }
        var arguments: [(name: String, value: JSON)] = []
        for entry in entries where entry.key != "fragment" {
            _ = reader.node(entry.key)
            arguments.append((entry.key, entry.value.json))
        }
        return .use(FragmentUse(name: name, arguments: arguments))
    }
}
