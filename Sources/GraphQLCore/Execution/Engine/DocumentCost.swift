/// Measures a document before validation, whose own cost grows with these numbers. Fragments are measured once and
/// counted at each use; a fragment that contains itself, which validation will refuse, counts once.
struct DocumentCost {
    /// The measures of a selection set, fragments included. They stop growing at a million.
    struct Measure {
        var fields = 0
        var aliases = 0
        var rootFields = 0
        var depth = 0

        fileprivate mutating func add(_ other: Measure) {
            self.fields = min(self.fields + other.fields, 1_000_000)
            self.aliases = min(self.aliases + other.aliases, 1_000_000)
            self.rootFields = min(self.rootFields + other.rootFields, 1_000_000)
            self.depth = max(self.depth, other.depth)
        }
    }

    private let fragments: [String: FragmentDefinitionNode]
    private var measured: [String: Measure] = [:]

    private init(fragments: [String: FragmentDefinitionNode]) {
        self.fragments = fragments
    }

    /// An error for the first limit that some operation of the document exceeds; nil when there is none.
    static func check(
        _ document: Document, fragments: [String: FragmentDefinitionNode], limits: EngineLimits
    ) -> GraphQLError? {
        var cost = DocumentCost(fragments: fragments)
        for operation in document.operations {
            let measure = cost.measure(operation.selectionSet)
            let checks: [(Int, Int, String)] = [
                (measure.depth, limits.depth, "levels of fields"),
                (measure.rootFields, limits.rootFields, "root fields"),
                (measure.aliases, limits.aliases, "aliases"), (measure.fields, limits.cost, "fields"),
            ]
            for (value, limit, what) in checks where value > limit {
                return GraphQLError(
                    message: "The operation is too large: it may have at most \(limit) \(what).",
                    location: operation.location)
            }
        }
        return nil
    }

    private mutating func measure(_ selectionSet: SelectionSetNode) -> Measure {
        var sum = Measure()
        for selection in selectionSet.selections {
            switch selection {
            case .field(let node):
                var measure = node.selectionSet.map { self.measure($0) } ?? Measure()
                measure.fields += 1
                measure.aliases += node.alias == nil ? 0 : 1
                measure.rootFields = 1
                measure.depth += 1
                sum.add(measure)
            case .inlineFragment(let node):
                sum.add(self.measure(node.selectionSet))
            case .fragmentSpread(let node):
                sum.add(self.measureFragment(node.name.value))
            }
        }
        return sum
    }

    private mutating func measureFragment(_ name: String) -> Measure {
        if let measure = self.measured[name] {
            return measure
        }
        guard let fragment = self.fragments[name] else { return Measure() }
        // Stands in while the fragment itself is measured, so that a cycle ends.
        self.measured[name] = Measure()
        let measure = self.measure(fragment.selectionSet)
        self.measured[name] = measure
        return measure
    }
}
