extension StepDecoder {
    func loop(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        guard let times = try reader.int("times", in: 0...1_000_000) else { throw reader.missing("times") }
        let variable = try reader.string("as")
        let concurrency = try reader.int("concurrency", in: 1...10_000) ?? 1
        return .loop(
            times: times, variable: variable, concurrency: concurrency, steps: try self.steps("steps", &reader))
    }

    func parallel(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        guard let node = reader.node("branches") else { throw reader.missing("branches") }
        guard case .list(let items) = node.content, items.count > 1 else {
            throw reader.wrong("branches", node, "a list of at least two lists of steps")
        }
        var branches: [[ScenarioNode]] = []
        for item in items {
            guard case .list(let steps) = item.content else { throw reader.wrong("branches", item, "a list of steps") }
            branches.append(steps)
        }
        return .parallel(branches)
    }

    func branch(_ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        let condition: Condition
        let ifNode = reader.node("if")
        let feature = try reader.string("has")
        switch (ifNode, feature) {
        case (let node?, nil):
            guard case .map(let entries) = node.content, !entries.isEmpty else {
                throw reader.wrong("if", node, "a mapping such as {timing: burst}")
            }
            condition = .values(entries.map { ($0.key, $0.value.json) })
        case (nil, let feature?): condition = .feature(feature)
        default: throw reader.missing("if", "or `has`, but not both")
        }
        let steps = try self.steps("steps", &reader)
        let otherwise = try self.steps("otherwise", &reader, isOptional: true)
        return .branch(condition, then: steps, otherwise: otherwise)
    }

    private func steps(
        _ key: String, _ reader: inout ArgumentReader, isOptional: Bool = false
    ) throws(ScenarioError) -> [ScenarioNode] {
        guard let node = reader.node(key) else {
            if isOptional { return [] }
            throw reader.missing(key)
        }
        guard case .list(let steps) = node.content else { throw reader.wrong(key, node, "a list of steps") }
        return steps
    }
}
