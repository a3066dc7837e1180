/// What one pass over an operation and its fragments finds out for compiling it. Each fragment is visited once.
struct OperationSurvey {
    /// What is known of a selection set.
    private struct Finding {
        /// Whether something in it has to be awaited.
        var isAsynchronous = false
        /// Its fields and those within them, fragments counted at each use; stops growing at a billion.
        var fields = 0

        mutating func add(_ other: Finding) {
            self.isAsynchronous = self.isAsynchronous || other.isAsynchronous
            self.fields = min(self.fields + other.fields, 1_000_000_000)
        }
    }

    private let fragments: [String: FragmentDefinitionNode]
    private let catalog: ExecutableCatalog
    private var visited: [String: Finding] = [:]

    /// The variables in conditions of `@skip` and `@include`, each once.
    private(set) var conditionVariables: [String] = []
    /// The fields at or below which some resolver has to be awaited, whatever object types occur.
    private(set) var asynchronousNodes: Set<ObjectIdentifier> = []
    /// The fields of the operation, fragments counted at each use.
    private(set) var fieldCount = 0

    init(fragments: [String: FragmentDefinitionNode], catalog: ExecutableCatalog) {
        self.fragments = fragments
        self.catalog = catalog
    }

    mutating func visit(_ operation: OperationDefinitionNode, root: ObjectType) {
        self.fieldCount = self.visit(operation.selectionSet, on: .object(root)).fields
    }

    private mutating func visit(_ selectionSet: SelectionSetNode, on parent: NamedType) -> Finding {
        var finding = Finding()
        for selection in selectionSet.selections {
            self.noteConditions(selection.directives)
            switch selection {
            case .field(let node):
                finding.add(self.visit(node, on: parent))
            case .inlineFragment(let node):
                let type = node.typeCondition.flatMap { self.catalog.schema.type(named: $0.value) } ?? parent
                finding.add(self.visit(node.selectionSet, on: type))
            case .fragmentSpread(let node):
                finding.add(self.visitFragment(node.name.value))
            }
        }
        return finding
    }

    private mutating func visitFragment(_ name: String) -> Finding {
        if let finding = self.visited[name] {
            return finding
        }
        guard let fragment = self.fragments[name],
            let type = self.catalog.schema.type(named: fragment.typeCondition.value)
        else { return Finding() }
        let finding = self.visit(fragment.selectionSet, on: type)
        self.visited[name] = finding
        return finding
    }

    private mutating func visit(_ node: FieldNode, on parent: NamedType) -> Finding {
        guard let definition = self.catalog.schema.field(node.name.value, on: parent) else { return Finding() }
        var finding = Finding(
            isAsynchronous: self.catalog.hasAsynchronousResolver(node.name.value, on: parent), fields: 1)
        if let selectionSet = node.selectionSet {
            finding.add(self.visit(selectionSet, on: self.catalog.schema.namedType(of: definition.type)))
        }
        if finding.isAsynchronous {
            self.asynchronousNodes.insert(ObjectIdentifier(node))
        }
        return finding
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
