/// GraphQL §5.2.4.1: a subscription selects one root field, which is no introspection field; and since that must be
/// known without the values of variables, `@skip` and `@include` do not stand on its root selections.
enum SingleFieldSubscriptionsRule: ValidationRule {
    static let name = "SingleFieldSubscriptionsRule"

    static func check(_ context: ValidationContext) {
        for operation in context.operations where operation.node.kind == .subscription {
            guard case .object(let root) = operation.rootType else { continue }
            var fields = RootFields(context: context, root: root)
            fields.collect(operation.node.selectionSet)
            self.check(fields, of: operation.node, context)
        }
    }

    private static func check(
        _ fields: RootFields, of operation: OperationDefinitionNode, _ context: ValidationContext
    ) {
        let label = operation.name.map { "Subscription \"\($0.value)\"" } ?? "Anonymous Subscription"
        if !fields.conditions.isEmpty {
            context.report(
                self, "\(label) must not use \"@skip\" or \"@include\" directives in the top level selection.",
                fields.conditions)
        }
        if fields.groups.count > 1 {
            context.report(
                self, "\(label) must select only one top level field.",
                fields.groups.dropFirst().flatMap { $0.map(\.location) })
        }
        for group in fields.groups where group.first?.name.value.utf8.starts(with: "__".utf8) == true {
            context.report(
                self, "\(label) must not select an introspection top level field.", group.map(\.location))
        }
    }

    /// CollectSubscriptionFields: the root fields by response name, through all fragments that apply.
    private struct RootFields {
        let context: ValidationContext
        let root: ObjectType
        private(set) var groups: [[FieldNode]] = []
        /// Where `@skip` and `@include` stand.
        private(set) var conditions: [SourceLocation] = []
        private var groupPlaces: [String: Int] = [:]
        private var visited: Set<String> = []

        init(context: ValidationContext, root: ObjectType) {
            self.context = context
            self.root = root
        }

        /// Collects depth first with a stack of its own: a chain of fragments may be as long as the document.
        mutating func collect(_ set: SelectionSetNode) {
            var open = [set.selections[...]]
            while let selections = open.popLast() {
                var rest = selections
                guard let selection = rest.popFirst() else { continue }
                open.append(rest)
                for directive in selection.directives where ["skip", "include"].contains(directive.name.value) {
                    self.conditions.append(directive.location)
                }
                switch selection {
                case .field(let field):
                    self.add(field)
                case .inlineFragment(let fragment):
                    if self.applies(fragment.typeCondition) { open.append(fragment.selectionSet.selections[...]) }
                case .fragmentSpread(let spread):
                    guard self.visited.insert(spread.name.value).inserted,
                        let fragment = self.context.fragment(spread.name.value)?.node,
                        self.applies(fragment.typeCondition)
                    else { continue }
                    open.append(fragment.selectionSet.selections[...])
                }
            }
        }

        private mutating func add(_ field: FieldNode) {
            if let place = self.groupPlaces[field.responseName] {
                self.groups[place].append(field)
            } else {
                self.groupPlaces[field.responseName] = self.groups.count
                self.groups.append([field])
            }
        }

        private func applies(_ condition: NameNode?) -> Bool {
            guard let condition else { return true }
            guard let type = self.context.schema.type(named: condition.value) else { return false }
            return self.context.schema.isPossible(self.root, for: type)
        }
    }
}
