/// Lays what a profile says over the profile that it extends.
enum ProfileOverlay {
    /// `node` over `base`: mappings are joined key by key, `null` takes a key away, and anything else replaces what was there.
    ///
    /// - Parameters:
    ///   - entry: Where `extends` stands; everything that comes from `base` is said to stand there, because a place in
    ///     another file would mislead.
    ///   - ownKeys: Keys of the outermost mapping that are not taken over from `base`.
    static func lay(_ node: ScenarioNode, over base: ScenarioNode, at entry: ScenarioNode, except ownKeys: Set<String>)
        -> ScenarioNode
    {
        guard case .map(let entries) = base.content else { return node }
        var base = base
        base.content = .map(entries.filter { !ownKeys.contains($0.key) })
        return self.join(node, self.moved(base, to: entry))
    }

    private static func join(_ node: ScenarioNode, _ base: ScenarioNode) -> ScenarioNode {
        guard case .map(let entries) = node.content, case .map(var joined) = base.content else { return node }
        for entry in entries {
            let index = joined.firstIndex { $0.key == entry.key }
            switch (entry.value.content, index) {
            case (.value(.null), let index?): joined.remove(at: index)
            case (_, let index?):
                var value = entry
                value.value = self.join(entry.value, joined[index].value)
                joined[index] = value
            case (_, nil): joined.append(entry)
            }
        }
        var result = node
        result.content = .map(joined)
        return result
    }

    private static func moved(_ node: ScenarioNode, to place: ScenarioNode) -> ScenarioNode {
        var node = node
        node.line = place.line
        node.column = place.column
        switch node.content {
        case .value: break
        case .list(let items): node.content = .list(items.map { self.moved($0, to: place) })
        case .map(let entries):
            node.content = .map(
                entries.map {
                    .init(
                        key: $0.key, line: place.line, column: place.column, value: self.moved($0.value, to: place))
                })
        }
        return node
    }
}
