import Synchronization

/// One operation of a validated document, compiled for execution. Shared by all requests for it.
final class CompiledOperation: Sendable {
    let node: OperationDefinitionNode
    private let root: ObjectType
    private let catalog: ExecutableCatalog
    private let fragments: [String: FragmentDefinitionNode]
    /// Variables that decide which fields there are, by `@skip` and `@include`; for each combination of their values
    /// there is a plan, so that execution need not look at conditions.
    private let conditionVariables: [String]
    /// Fields at or below which some resolver has to be awaited.
    private let asynchronousNodes: Set<ObjectIdentifier>
    private let plans = Mutex<[[Condition]: ObjectPlan]>([:])
    /// Combinations of which the plan is kept; a plan for another is made for the request alone.
    private let keptPlans: Int
    /// About how many bytes the operation and its plans take.
    let size: Int
    private static let bytesPerField = 1_024

    /// What a variable says of a condition.
    enum Condition: Sendable, Hashable {
        case holds(Bool)
        /// The variable is null, which no condition may be: an error wherever the condition is met.
        case isNull
    }

    var kind: OperationKind { self.node.kind }
    var name: String? { self.node.name?.value }

    init(
        node: OperationDefinitionNode, root: ObjectType, fragments: [String: FragmentDefinitionNode],
        catalog: ExecutableCatalog
    ) {
        self.node = node
        self.root = root
        self.fragments = fragments
        self.catalog = catalog
        var survey = OperationSurvey(fragments: fragments, catalog: catalog)
        survey.visit(node, root: root)
        self.conditionVariables = survey.conditionVariables
        self.asynchronousNodes = survey.asynchronousNodes
        // Sixteen for operations of a usual size, only one for very large ones.
        self.keptPlans = max(1, min(1 << min(survey.conditionVariables.count, 4), 4_096 / max(survey.fieldCount, 1)))
        self.size = survey.fieldCount * Self.bytesPerField * self.keptPlans
    }

    /// The fields of the root for these coerced variables.
    func plan(for variables: JSONObject) -> ObjectPlan {
        let key = self.conditionVariables.map { name in
            variables[name]?.boolValue.map { Condition.holds($0) } ?? .isNull
        }
        if let plan = self.plans.withLock({ $0[key] }) {
            return plan
        }
        let compiler = PlanCompiler(
            catalog: self.catalog, fragments: self.fragments,
            conditions: Dictionary(zip(self.conditionVariables, key), uniquingKeysWith: { first, _ in first }),
            asynchronousNodes: self.asynchronousNodes)
        let plan = compiler.rootPlan(of: self.root, selectionSet: self.node.selectionSet, kind: self.node.kind)
        self.plans.withLock { plans in
            if plans.count < self.keptPlans {
                plans[key] = plan
            }
        }
        return plan
    }
}
