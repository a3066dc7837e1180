/// Measures operations against `ValidationLimits`. Each fragment is measured once, so that the time is linear in the
/// document however often fragments are spread.
struct OperationLimits {
    /// The code of errors about how deep an operation is nested.
    static let tooDeep = "QUERY_TOO_DEEP"
    /// The code of errors about how much an operation asks for.
    static let tooCostly = "QUERY_TOO_COSTLY"

    /// What a selection asks for, fragments included; numbers that would overflow stay at the largest.
    private struct Size {
        var depth = 0
        var aliases = 0
        var rootFields = 0
        var fields = 0
        /// The deepest nesting of fields named like the lists of `__Type`.
        var lists = 0
        /// The same, but only within `__schema` and `__type`.
        var introspectionLists = 0

        /// Adds what stands beside.
        mutating func add(_ other: Size) {
            self.depth = max(self.depth, other.depth)
            self.lists = max(self.lists, other.lists)
            self.introspectionLists = max(self.introspectionLists, other.introspectionLists)
            self.aliases = self.aliases.addingClamped(other.aliases)
            self.rootFields = self.rootFields.addingClamped(other.rootFields)
            self.fields = self.fields.addingClamped(other.fields)
        }
    }

    private let context: ValidationContext
    /// By place of the fragment; nil until it is measured.
    private var sizes: [Size?]
    private let fault: LimitFault?
    /// The fragments whose fields a server with `LimitFault.costCountsFragmentsOnce` has counted.
    private var counted: Set<Int> = []

    /// Reports the operations that ask for too much.
    static func check(_ context: ValidationContext, _ limits: ValidationLimits) {
        // With cycles there is no size; their rule has reported them.
        guard !context.violations.contains(where: { $0.rule == NoFragmentCyclesRule.name }) else { return }
        var measure = OperationLimits(context: context, fault: limits.fault)
        for operation in context.operations {
            measure.counted = []
            measure.measureFragments(reachableFrom: operation.body.spreads)
            let size = measure.size(of: operation.node.selectionSet)
            measure.check(operation.node, size, limits)
        }
    }

    private init(context: ValidationContext, fault: LimitFault?) {
        self.context = context
        self.fault = fault
        self.sizes = Array(repeating: nil, count: context.fragments.count)
    }

    private func check(_ operation: OperationDefinitionNode, _ size: Size, _ limits: ValidationLimits) {
        let label = operation.name.map { "Operation \"\($0.value)\"" } ?? "The operation"
        func check(_ value: Int, _ limit: Int?, _ rule: String, _ code: String, _ text: (Int) -> String) {
            guard let limit, value > limit else { return }
            if self.fault == .offByOne, value == limit + 1 { return }
            self.context.report(
                rule: rule, "\(label) \(text(limit)).", [operation.location],
                code: self.fault == .withoutCode ? nil : code)
        }
        let sparesCost = self.fault == .costSparesSubscriptions && operation.kind == .subscription
        check(size.depth, limits.depth, "MaxDepthRule", Self.tooDeep) { "is nested deeper than \($0) levels" }
        check(size.aliases, limits.aliases, "MaxAliasesRule", Self.tooCostly) { "has more than \($0) aliases" }
        check(size.rootFields, limits.rootFields, "MaxRootFieldsRule", Self.tooCostly) {
            "selects more than \($0) root fields"
        }
        check(size.fields, sparesCost ? nil : limits.cost, "MaxCostRule", Self.tooCostly) {
            "selects more than \($0) fields"
        }
        check(size.introspectionLists, limits.introspectionLists, "MaxIntrospectionDepthRule", Self.tooDeep) {
            "nests more than \($0) lists in its introspection"
        }
    }

    /// Measures fragments, those that they spread first. A stack of its own serves chains as long as the document.
    private mutating func measureFragments(reachableFrom spreads: [FragmentSpreadNode]) {
        var open = spreads.compactMap { self.context.fragmentPlaces[$0.name.value] }
        while let place = open.last {
            let fragment = self.context.fragments[place]
            let waiting = fragment.body.spreads
                .compactMap { self.context.fragmentPlaces[$0.name.value] }
                .filter { self.sizes[$0] == nil }
            if self.sizes[place] == nil, !waiting.isEmpty {
                open += waiting
                continue
            }
            if self.sizes[place] == nil { self.sizes[place] = self.size(of: fragment.node.selectionSet) }
            open.removeLast()
        }
    }

    private mutating func size(of set: SelectionSetNode) -> Size {
        var size = Size()
        for selection in set.selections {
            switch selection {
            case .field(let field):
                var own = field.selectionSet.map { self.size(of: $0) } ?? Size()
                own.depth = own.depth.addingClamped(1)
                if self.fault != .costSkipsAliases || field.alias == nil { own.fields = own.fields.addingClamped(1) }
                own.aliases = own.aliases.addingClamped(field.alias == nil ? 0 : 1)
                own.rootFields = 1
                self.countLists(&own, field.name.value)
                size.add(own)
            case .inlineFragment(let fragment):
                size.add(self.size(of: fragment.selectionSet))
            case .fragmentSpread(let spread):
                guard let place = self.context.fragmentPlaces[spread.name.value], var inner = self.sizes[place]
                else { continue }
                switch self.fault {
                case .depthSkipsFragments: inner.depth = 0
                case .costCountsFragmentsOnce where !self.counted.insert(place).inserted: inner.fields = 0
                default: break
                }
                size.add(inner)
            }
        }
        return size
    }

    private func countLists(_ size: inout Size, _ field: String) {
        switch field {
        case "fields", "interfaces", "possibleTypes", "inputFields": size.lists = size.lists.addingClamped(1)
        case "__schema", "__type": size.introspectionLists = size.lists
        default: break
        }
    }
}

extension Int {
    /// The sum, or the largest number if that overflows.
    fileprivate func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = self.addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
