extension FieldConflicts {
    /// The conflicts of the fields of a selection set, also with and among the fragments spread in it.
    mutating func conflictsWithin(_ set: SelectionSetNode) -> [Conflict] {
        var conflicts: [Conflict] = []
        let map = self.map(set)
        for name in map.names {
            let fields = map.fields[name] ?? []
            for (number, field) in fields.enumerated() where fields.count > 1 {
                for other in fields.dropFirst(number + 1) {
                    if self.isDone(conflicts) { return conflicts }
                    if let conflict = self.compare(field, other, areExclusive: false) { conflicts.append(conflict) }
                }
            }
        }
        for (number, fragment) in map.fragments.enumerated() {
            self.compare(map, toFragment: fragment, areExclusive: false, into: &conflicts)
            for other in map.fragments.dropFirst(number + 1) {
                if self.isDone(conflicts) { return conflicts }
                self.compareFragments(fragment, other, areExclusive: false, into: &conflicts)
            }
        }
        return conflicts
    }

    /// Whether further conflicts would not be reported, or may not be looked for.
    private func isDone(_ conflicts: [Conflict]) -> Bool {
        self.budget <= 0 || conflicts.count >= self.context.mostViolations
    }

    private mutating func compare(_ left: Int, _ right: Int, areExclusive parentsAreExclusive: Bool) -> Conflict? {
        guard self.budget > 0 else { return nil }
        self.budget -= 1
        let first = self.context.fields[left]
        let second = self.context.fields[right]
        let areExclusive = parentsAreExclusive || self.areDifferentObjects(first.parent, second.parent)
        func conflict(_ reason: String) -> Conflict {
            Conflict(
                responseName: first.node.responseName, reason: reason, left: [first.node.location],
                right: [second.node.location])
        }
        if !areExclusive, let reason = self.signatures.difference(left, right) { return conflict(reason) }
        if let type = first.definition?.type, let other = second.definition?.type,
            self.context.schema.haveDifferentShapes(type, other)
        {
            return conflict(FieldConflicts.differentTypes(type, other))
        }
        guard let set = first.node.selectionSet, let other = second.node.selectionSet else { return nil }
        let nested = self.compare(set, other, areExclusive: areExclusive)
        guard !nested.isEmpty else { return nil }
        let reasons = nested.map { "subfields \"\($0.responseName)\" conflict because \($0.reason)" }
        return Conflict(
            responseName: first.node.responseName, reason: reasons.joined(separator: " and "),
            left: [first.node.location] + nested.flatMap(\.left),
            right: [second.node.location] + nested.flatMap(\.right))
    }

    private func areDifferentObjects(_ left: NamedType?, _ right: NamedType?) -> Bool {
        guard case .object(let left) = left, case .object(let right) = right else { return false }
        return left !== right
    }

    private mutating func compare(
        _ left: SelectionSetNode, _ right: SelectionSetNode, areExclusive: Bool
    ) -> [Conflict] {
        guard self.depth < FieldConflicts.deepest else { return [] }
        self.depth += 1
        defer { self.depth -= 1 }
        var conflicts: [Conflict] = []
        let leftMap = self.map(left)
        let rightMap = self.map(right)
        self.compare(leftMap, to: rightMap, areExclusive: areExclusive, into: &conflicts)
        for fragment in rightMap.fragments {
            self.compare(leftMap, toFragment: fragment, areExclusive: areExclusive, into: &conflicts)
        }
        for fragment in leftMap.fragments {
            self.compare(rightMap, toFragment: fragment, areExclusive: areExclusive, into: &conflicts)
        }
        for fragment in leftMap.fragments {
            for other in rightMap.fragments where self.budget > 0 {
                self.compareFragments(fragment, other, areExclusive: areExclusive, into: &conflicts)
            }
        }
        return conflicts
    }

    private mutating func compare(
        _ left: FieldMap, to right: FieldMap, areExclusive: Bool, into conflicts: inout [Conflict]
    ) {
        for name in left.names {
            guard let others = right.fields[name] else { continue }
            for field in left.fields[name] ?? [] {
                for other in others {
                    if let conflict = self.compare(field, other, areExclusive: areExclusive) {
                        conflicts.append(conflict)
                    }
                }
            }
        }
    }

    private mutating func compare(
        _ map: FieldMap, toFragment name: String, areExclusive: Bool, into conflicts: inout [Conflict]
    ) {
        guard self.depth < FieldConflicts.deepest, self.budget > 0,
            self.noteComparison(map, name, areExclusive: areExclusive),
            let fragment = self.context.fragment(name)
        else { return }
        self.budget -= 1
        let other = self.map(fragment.node.selectionSet)
        guard map !== other else { return }
        self.depth += 1
        defer { self.depth -= 1 }
        self.compare(map, to: other, areExclusive: areExclusive, into: &conflicts)
        for inner in other.fragments {
            self.compare(map, toFragment: inner, areExclusive: areExclusive, into: &conflicts)
        }
    }

    private mutating func compareFragments(
        _ left: String, _ right: String, areExclusive: Bool, into conflicts: inout [Conflict]
    ) {
        guard self.depth < FieldConflicts.deepest, self.budget > 0, left != right,
            self.noteComparison(left, right, areExclusive: areExclusive),
            let first = self.context.fragment(left), let second = self.context.fragment(right)
        else { return }
        self.depth += 1
        defer { self.depth -= 1 }
        self.budget -= 1
        let leftMap = self.map(first.node.selectionSet)
        let rightMap = self.map(second.node.selectionSet)
        self.compare(leftMap, to: rightMap, areExclusive: areExclusive, into: &conflicts)
        for inner in rightMap.fragments {
            self.compareFragments(left, inner, areExclusive: areExclusive, into: &conflicts)
        }
        for inner in leftMap.fragments {
            self.compareFragments(inner, right, areExclusive: areExclusive, into: &conflicts)
        }
    }

    /// Notes that two fragments are compared; false when that was done. A comparison for parents that may be the same
    /// covers one for parents that exclude each other.
    private mutating func noteComparison(_ left: String, _ right: String, areExclusive: Bool) -> Bool {
        let pair = left < right ? [left, right] : [right, left]
        return FieldConflicts.note(&self.comparedFragments, pair, areExclusive: areExclusive)
    }

    /// The same for the fields of a selection set and a fragment.
    private mutating func noteComparison(_ map: FieldMap, _ fragment: String, areExclusive: Bool) -> Bool {
        let pair = FieldsAndFragment(fields: ObjectIdentifier(map), fragment: fragment)
        return FieldConflicts.note(&self.comparedFields, pair, areExclusive: areExclusive)
    }

    private static func note<Pair>(_ compared: inout [Pair: Bool], _ pair: Pair, areExclusive: Bool) -> Bool {
        if let wasExclusive = compared[pair], areExclusive || !wasExclusive { return false }
        compared[pair] = areExclusive
        return true
    }
}
