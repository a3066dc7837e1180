/// Merges selection sets into the fields of one object type (GraphQL §6.3.2, CollectFields).
struct FieldCollector {
    private let schema: Schema
    private let object: ObjectType
    private let fragments: [String: FragmentDefinitionNode]
    private let conditions: [String: CompiledOperation.Condition]
    private var visitedFragments: Set<String> = []
    private var places: [String: Int] = [:]

    /// The field nodes of each response name, in the order of the response.
    private(set) var groups: [[FieldNode]] = []
    /// The first condition that is null.
    private(set) var failure: GraphQLError?

    init(
        schema: Schema, object: ObjectType, fragments: [String: FragmentDefinitionNode],
        conditions: [String: CompiledOperation.Condition]
    ) {
        self.schema = schema
        self.object = object
        self.fragments = fragments
        self.conditions = conditions
    }

    mutating func collect(_ selectionSet: SelectionSetNode) {
        for selection in selectionSet.selections where self.isIncluded(selection.directives) {
            switch selection {
            case .field(let node):
                self.add(node)
            case .inlineFragment(let node):
                if node.typeCondition.map({ self.applies($0.value) }) ?? true {
                    self.collect(node.selectionSet)
                }
            case .fragmentSpread(let node):
                let name = node.name.value
                guard self.visitedFragments.insert(name).inserted, let fragment = self.fragments[name],
                    self.applies(fragment.typeCondition.value)
                else { continue }
                self.collect(fragment.selectionSet)
            }
        }
    }

    private mutating func add(_ node: FieldNode) {
        let name = node.responseName
        if let place = self.places[name] {
            self.groups[place].append(node)
        } else {
            self.places[name] = self.groups.count
            self.groups.append([node])
        }
    }

    /// Whether a fragment with this type condition applies to the object type.
    private func applies(_ typeCondition: String) -> Bool {
        guard let type = self.schema.type(named: typeCondition) else { return false }
        return self.schema.isPossible(self.object, for: type)
    }

    /// §3.13.1 and §3.13.2: neither skipped nor, where there is a condition, left out.
    private mutating func isIncluded(_ directives: [DirectiveNode]) -> Bool {
        for directive in directives {
            switch directive.name.value {
            case "skip" where self.condition(directive): return false
            case "include" where !self.condition(directive): return false
            default: continue
            }
        }
        return true
    }

    private mutating func condition(_ directive: DirectiveNode) -> Bool {
        guard let value = directive.argument("if") else { return false }
        switch value.kind {
        case .boolean(let holds):
            return holds
        case .variable(let name):
            if case .holds(let holds) = self.conditions[name.value] {
                return holds
            }
            if self.failure == nil {
                self.failure = GraphQLError(
                    message: "Argument \"if\" of non-null type \"Boolean!\" must not be null.",
                    location: value.location)
            }
            return false
        default:
            return false
        }
    }
}
