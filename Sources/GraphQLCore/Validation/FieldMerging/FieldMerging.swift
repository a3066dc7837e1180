/// Decides whether all fields that meet in a response object can be merged (GraphQL §5.3.2).
///
/// It follows objects of the response instead of comparing pairs of fields: all fields that meet in one are grouped by
/// response name, each group is compared to its first field, and the selections of each group merge into the next
/// object. Two passes do so: one asks for equal shapes of all fields of a group (SameResponseShape), the other for one
/// field name and equal arguments of those whose parent types can be the same (FieldsInSetCanMerge). Objects made of
/// the same fields are looked at once. Loops stand in for recursion, since fragments nest as deep as the document is
/// long, and a budget bounds documents that are made to combine fields in exponentially many ways.
struct FieldMerging {
    /// What was found.
    enum Finding {
        case mergeable
        /// Two fields, as places in `ValidationContext.fields`, and why they cannot be merged.
        case conflict(Int, Int, String)
        /// The budget ran out at an operation or fragment.
        case tooComplex(SourceLocation)
    }

    private let context: ValidationContext
    private var signatures: FieldSignatures
    private var collector: FieldGatherer
    /// How many more fields may be looked at.
    private var budget: Int

    /// The check of a document; the budget counts fields, each as often as it is looked at.
    init(context: ValidationContext, budget: Int = 1_000_000) {
        self.context = context
        self.signatures = FieldSignatures(context: context)
        self.collector = FieldGatherer(context: context)
        self.budget = budget
    }

    /// Checks all selections of the document.
    mutating func check() -> Finding {
        for byParent in [false, true] {
            var seen: Set<[Int]> = []
            for (set, location) in self.roots() {
                switch self.check(self.collector.fields(of: [set]), byParent: byParent, seen: &seen) {
                case .mergeable: continue
                case .conflict(let first, let second, let reason): return .conflict(first, second, reason)
                case .tooComplex: return .tooComplex(location)
                }
            }
        }
        return .mergeable
    }

    /// The selection sets to start from: those of operations, then those of fragments that no operation reaches.
    private func roots() -> [(set: Int, location: SourceLocation)] {
        var covered = Set(self.context.reachableFragments(from: self.context.operations.flatMap(\.body.spreads)))
        var roots = self.context.operations.map { ($0.body.selectionSet, $0.node.location) }
        let rest = self.context.fragments.indices.filter { !covered.contains($0) }
        let inner = Set(
            rest.flatMap { self.context.fragments[$0].body.spreads }
                .compactMap { self.context.fragmentPlaces[$0.name.value] })
        // Outer fragments first, so that what they spread is not taken up again; those in cycles come last.
        for place in rest.filter({ !inner.contains($0) }) + rest.filter(inner.contains)
        where !covered.contains(place) {
            let fragment = self.context.fragments[place]
            covered.insert(place)
            covered.formUnion(self.context.reachableFragments(from: fragment.body.spreads))
            roots.append((fragment.body.selectionSet, fragment.node.location))
        }
        return roots
    }

    private mutating func check(_ fields: [Int], byParent: Bool, seen: inout Set<[Int]>) -> Finding {
        var open = [fields]
        while let fields = open.popLast() {
            guard !fields.isEmpty, seen.insert(fields).inserted else { continue }
            self.budget -= fields.count
            if self.budget < 0 { return .tooComplex(SourceLocation(line: 1, column: 1)) }
            for group in self.collector.groups(of: fields) {
                for part in byParent ? self.parts(of: group) : [group] {
                    if part.count > 1,
                        let conflict = byParent ? self.differentCalls(part) : self.differentShapes(part)
                    {
                        return conflict
                    }
                    let sets = part.compactMap { self.context.fields[$0].selectionSet }
                    if !sets.isEmpty { open.append(self.collector.fields(of: sets)) }
                }
            }
        }
        return .mergeable
    }

    /// The fields that may meet in one object: those on each object type, with those on abstract or unknown types.
    private mutating func parts(of group: [Int]) -> [[Int]] {
        guard group.count > 1 else { return [group] }
        var parts: [[Int]] = []
        var places: [Int: Int] = [:]
        var anywhere: [Int] = []
        for field in group {
            guard case .object(let parent) = self.context.fields[field].parent else {
                anywhere.append(field)
                continue
            }
            if let place = places[parent.reference.index] {
                parts[place].append(field)
            } else {
                places[parent.reference.index] = parts.count
                parts.append([field])
            }
        }
        if parts.isEmpty { return [anywhere] }
        if !anywhere.isEmpty {
            self.budget -= anywhere.count * parts.count
            if self.budget < 0 { return [] }
            for place in parts.indices { parts[place] = (parts[place] + anywhere).sorted() }
        }
        return parts
    }

    /// SameResponseShape: a conflict between the types of two fields, if there is one.
    private func differentShapes(_ fields: [Int]) -> Finding? {
        let typed = fields.filter { self.context.fields[$0].definition != nil }
        guard let first = typed.first, let type = self.context.fields[first].definition?.type else { return nil }
        for field in typed.dropFirst() {
            guard let other = self.context.fields[field].definition?.type else { continue }
            if self.context.schema.haveDifferentShapes(type, other) {
                return .conflict(first, field, FieldConflicts.differentTypes(type, other))
            }
        }
        return nil
    }

    /// FieldsInSetCanMerge: a conflict between the names or arguments of two fields, if there is one.
    private mutating func differentCalls(_ fields: [Int]) -> Finding? {
        guard let first = fields.first else { return nil }
        for field in fields.dropFirst() {
            if let reason = self.signatures.difference(first, field) { return .conflict(first, field, reason) }
        }
        return nil
    }
}

extension Schema {
    /// Whether values of two types cannot stand in one place of a response (GraphQL §5.3.2, "SameResponseShape"):
    /// they differ in lists or non-nulls, or are not the same leaf. The fields of composite types do not count.
    func haveDifferentShapes(_ left: TypeReference, _ right: TypeReference) -> Bool {
        switch (left, right) {
        case (.list(let left), .list(let right)), (.nonNull(let left), .nonNull(let right)):
            return self.haveDifferentShapes(left, right)
        case (.named(let left), .named(let right)):
            let isLeaf = self.type(left).isLeaf || self.type(right).isLeaf
            return isLeaf && left != right
        default:
            return true
        }
    }
}
