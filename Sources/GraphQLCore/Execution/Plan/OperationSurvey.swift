/// What one pass over an operation and its fragments finds out for compiling it. Each fragment is visited once.
struct OperationSurvey {
    private let fragments: [String: FragmentDefinitionNode]
    private let catalog: ExecutableCatalog
    /// By name: whether something in the fragment has to be awaited.
    private var visited: [String: Bool] = [:]

    /// The variables in conditions of `@skip` and `@include`, each once.
    private(set) var conditionVariables: [String] = []
    /// The fields at or below which some resolver has to be awaited, whatever object types occur.
    private(set) var asynchronousNodes: Set<ObjectIdentifier> = []

    init(fragments: [String: FragmentDefinitionNode], catalog: ExecutableCatalog) {
        self.fragments = fragments
        self.catalog = catalog
    }

    mutating func visit(_ operation: OperationDefinitionNode, root: ObjectType) {
        _ = self.visit(operation.selectionSet, on: .object(root))
    }

    /// - Returns: whether something in the selection set has to be awaited.
    private mutating func visit(_ selectionSet: SelectionSetNode, on parent: NamedType) -> Bool {
        var isAsynchronous = false
        for selection in selectionSet.selections {
            self.noteConditions(selection.directives)
            switch selection {
            case .field(let node):
                if self.visit(node, on: parent) {
                    isAsynchronous = true
                }
            case .inlineFragment(let node):
                let type = node.typeCondition.flatMap { self.catalog.schema.type(named: $0.value) } ?? parent
                if self.visit(node.selectionSet, on: type) {
                    isAsynchronous = true
                }
            case .fragmentSpread(let node):
                if self.visitFragment(node.name.value) {
                    isAsynchronous = true
                }
            }
        }
        return isAsynchronous
    }

    private mutating func visitFragment(_ name: String) -> Bool {
        if let result = self.visited[name] {
            return result
        }
        guard let fragment = self.fragments[name],
            let type = self.catalog.schema.type(named: fragment.typeCondition.value)
        else { return false }
        let result = self.visit(fragment.selectionSet, on: type)
        self.visited[name] = result
        return result
    }

    private mutating func visit(_ node: FieldNode, on parent: NamedType) -> Bool {
        guard let definition = self.catalog.schema.field(node.name.value, on: parent) else { return false }
        var isAsynchronous = self.catalog.hasAsynchronousResolver(node.name.value, on: parent)
        if let selectionSet = node.selectionSet {
            let type = self.catalog.schema.namedType(of: definition.type)
            if self.visit(selectionSet, on: type) {
                isAsynchronous = true
            }
        }
        if isAsynchronous {
            self.asynchronousNodes.insert(ObjectIdentifier(node))
        }
        return isAsynchronous
    }

    private mutating func noteConditions(_ directives: [DirectiveNode]) {
        for directive in directives where directive.name.value == "skip" || directive.name.value == "include" {
            guard case .variable(let name) = directive.argument("if")?.kind,
                !self.conditionVariables.contains(name.value)
            else { continue }
            self.conditionVariables.append(name.value)
        }
    }
}
