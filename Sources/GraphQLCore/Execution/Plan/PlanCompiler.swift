/// Compiles selection sets to plans, for one operation and one combination of its conditions.
struct PlanCompiler: Sendable {
    private let catalog: ExecutableCatalog
    private let fragments: [String: FragmentDefinitionNode]
    private let conditions: [String: CompiledOperation.Condition]
    private let asynchronousNodes: Set<ObjectIdentifier>

    init(
        catalog: ExecutableCatalog, fragments: [String: FragmentDefinitionNode],
        conditions: [String: CompiledOperation.Condition], asynchronousNodes: Set<ObjectIdentifier>
    ) {
        self.catalog = catalog
        self.fragments = fragments
        self.conditions = conditions
        self.asynchronousNodes = asynchronousNodes
    }

    /// A set of merged fields on one object type. Fragments that are used in many places lead to the same one again
    /// and again, and are compiled once.
    private struct MemoKey: Hashable {
        let object: Int
        let nodes: [ObjectIdentifier]
    }

    private typealias Memo = [MemoKey: ObjectPlan]

    /// The fields of the root of an operation.
    func rootPlan(of root: ObjectType, selectionSet: SelectionSetNode, kind: OperationKind) -> ObjectPlan {
        var collector = self.collector(for: root)
        collector.collect(selectionSet)
        var memo: Memo = [:]
        return self.plan(of: root, collector, isSubscriptionRoot: kind == .subscription, memo: &memo)
    }

    /// The fields selected below these nodes on a value of the object type (§6.4.3, MergeSelectionSets).
    func objectPlan(of object: ObjectType, nodes: [FieldNode]) -> ObjectPlan {
        var memo: Memo = [:]
        return self.objectPlan(of: object, nodes: nodes, memo: &memo)
    }

    private func objectPlan(of object: ObjectType, nodes: [FieldNode], memo: inout Memo) -> ObjectPlan {
        let key = MemoKey(object: object.reference.index, nodes: nodes.map(ObjectIdentifier.init))
        if let plan = memo[key] {
            return plan
        }
        var collector = self.collector(for: object)
        for node in nodes {
            if let selectionSet = node.selectionSet {
                collector.collect(selectionSet)
            }
        }
        let plan = self.plan(of: object, collector, isSubscriptionRoot: false, memo: &memo)
        memo[key] = plan
        return plan
    }

    private func collector(for object: ObjectType) -> FieldCollector {
        FieldCollector(
            schema: self.catalog.schema, object: object, fragments: self.fragments, conditions: self.conditions)
    }

    private func plan(
        of object: ObjectType, _ collector: FieldCollector, isSubscriptionRoot: Bool, memo: inout Memo
    ) -> ObjectPlan {
        if let failure = collector.failure {
            return ObjectPlan(typeName: object.name, fields: [], failure: failure)
        }
        var fields: [FieldPlan] = []
        fields.reserveCapacity(collector.groups.count)
        for nodes in collector.groups {
            guard let field = self.field(of: object, nodes, isSubscriptionRoot: isSubscriptionRoot, memo: &memo) else {
                continue
            }
            fields.append(field)
        }
        return ObjectPlan(typeName: object.name, fields: fields)
    }

    private func field(
        of object: ObjectType, _ nodes: [FieldNode], isSubscriptionRoot: Bool, memo: inout Memo
    ) -> FieldPlan? {
        guard let first = nodes.first,
            let definition = self.catalog.schema.field(first.name.value, on: .object(object))
        else { return nil }
        var source = self.catalog.source(of: definition.name, on: object)
        if isSubscriptionRoot, case .lookup = source {
            source = .event
        }
        return FieldPlan(
            parentTypeName: object.name, name: definition.name, responseName: first.responseName,
            locations: nodes.map(\.location), source: source,
            arguments: self.arguments(of: definition, node: first),
            completion: self.completion(of: definition.type, nodes, memo: &memo),
            isAsynchronous: nodes.contains { self.asynchronousNodes.contains(ObjectIdentifier($0)) })
    }

    private func completion(of type: TypeReference, _ nodes: [FieldNode], memo: inout Memo) -> CompletionPlan {
        switch type {
        case .nonNull(let inner):
            return CompletionPlan(isNonNull: true, shape: self.completion(of: inner, nodes, memo: &memo).shape)
        case .list(let inner):
            return CompletionPlan(isNonNull: false, shape: .list(self.completion(of: inner, nodes, memo: &memo)))
        case .named(let reference):
            return CompletionPlan(
                isNonNull: false, shape: self.shape(of: self.catalog.schema.type(reference), nodes, memo: &memo))
        }
    }

    private func shape(of type: NamedType, _ nodes: [FieldNode], memo: inout Memo) -> CompletionPlan.Shape {
        switch type {
        case .scalar(let scalar):
            switch scalar.builtIn {
            case .int: return .int
            case .float: return .float
            case .string: return .string
            case .boolean: return .boolean
            case .id: return .id
            case nil: return .custom(name: scalar.name, self.catalog.coding(of: scalar))
            }
        case .enumeration(let enumeration):
            return .enumeration(enumeration)
        case .object(let object):
            return .object(self.objectPlan(of: object, nodes: nodes, memo: &memo))
        case .interface, .union:
            return .abstract(AbstractPlan(type: type, nodes: nodes, compiler: self))
        case .inputObject:
            // No schema has a field of such a type; an enum without values refuses whatever comes.
            return .custom(name: type.name, .refusing)
        }
    }

    private func arguments(of definition: FieldDefinition, node: FieldNode) -> FieldPlan.ArgumentsPlan {
        guard !definition.arguments.isEmpty else { return .none }
        let plans = definition.arguments.map { argument in
            ArgumentPlan(
                definition: argument, value: node.arguments.first { $0.name.value == argument.name }?.value,
                fieldLocation: node.location)
        }
        if plans.contains(where: { $0.value?.hasVariables ?? false }) {
            return .dynamic(plans)
        }
        do throws(GraphQLError) {
            return .constant(try self.catalog.inputs.arguments(plans, variables: [:]))
        } catch {
            return .failing(error)
        }
    }
}

extension ValueNode {
    /// Whether a variable stands somewhere in the value.
    var hasVariables: Bool {
        switch self.kind {
        case .variable: true
        case .list(let elements): elements.contains(where: \.hasVariables)
        case .object(let fields): fields.contains { $0.value.hasVariables }
        default: false
        }
    }
}
