import Synchronization

/// The fields that are selected of an interface or union, compiled for each object type when it first occurs.
final class AbstractPlan: Sendable {
    let type: NamedType
    private let nodes: [FieldNode]
    private let compiler: PlanCompiler
    private let plans = Mutex<[Int: ObjectPlan]>([:])

    init(type: NamedType, nodes: [FieldNode], compiler: PlanCompiler) {
        self.type = type
        self.nodes = nodes
        self.compiler = compiler
    }

    /// The fields of that object type, which must be possible for the abstract type.
    func plan(for object: ObjectType) -> ObjectPlan {
        if let plan = self.plans.withLock({ $0[object.reference.index] }) {
            return plan
        }
        // Two threads may both compile it; their plans are alike, and the lock is not held meanwhile.
        let plan = self.compiler.objectPlan(of: object, nodes: self.nodes)
        self.plans.withLock { $0[object.reference.index] = plan }
        return plan
    }
}
