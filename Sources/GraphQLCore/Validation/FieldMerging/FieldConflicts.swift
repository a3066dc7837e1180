/// Names the fields that cannot be merged, by comparing pairs: of the fields within each selection set, of those with
/// the fields of each fragment spread beside them, and of the fragments spread side by side (GraphQL §5.3.2).
///
/// Pairs can be many, so that a budget bounds them; some conflict is then still named, but maybe not all.
struct FieldConflicts {
    /// Two fields, or two sets of nested ones, that cannot be merged.
    struct Conflict {
        let responseName: String
        let reason: String
        var left: [SourceLocation]
        var right: [SourceLocation]
    }

    /// The fields of a selection set by response name, and the fragments spread in it.
    final class FieldMap {
        private var known: Set<String> = []
        var names: [Int] = []
        var fields: [Int: [Int]] = [:]
        var fragments: [String] = []

        func add(fragment name: String) {
            if self.known.insert(name).inserted { self.fragments.append(name) }
        }
    }

    /// The fields of a selection set, whose map is kept as long as this, and a fragment.
    struct FieldsAndFragment: Hashable {
        let fields: ObjectIdentifier
        let fragment: String
    }

    let context: ValidationContext
    var signatures: FieldSignatures
    /// How many more pairs of fields may be compared.
    var budget = 20_000
    /// How deep the comparison is in nested pairs; bounded, since fragments nest as deep as the document is long.
    var depth = 0
    static let deepest = 250
    private var places: [ObjectIdentifier: Int] = [:]
    private var maps: [SourceLocation: FieldMap] = [:]
    /// Pairs of fragments that were compared, and whether only for mutually exclusive parents.
    var comparedFragments: [[String]: Bool] = [:]
    /// The same for selection sets and fragments.
    var comparedFields: [FieldsAndFragment: Bool] = [:]

    init(context: ValidationContext) {
        self.context = context
        self.signatures = FieldSignatures(context: context)
        for (place, field) in context.fields.enumerated() { self.places[ObjectIdentifier(field.node)] = place }
    }

    /// The conflicts of all selection sets of the document, as messages with the fields that they are about.
    mutating func find() -> [(message: String, locations: [SourceLocation])] {
        var found: [(message: String, locations: [SourceLocation])] = []
        let roots =
            self.context.operations.map { ($0.node.location, $0.node.selectionSet) }
            + self.context.fragments.map { ($0.node.location, $0.node.selectionSet) }
        // In the order of the source, as fragments are compared once only.
        var open = roots.sorted { $0.0 > $1.0 }.map(\.1)
        while let set = open.popLast(), self.budget > 0, found.count < self.context.mostViolations {
            for conflict in self.conflictsWithin(set) {
                found.append(
                    (FieldConflicts.message(conflict.responseName, conflict.reason), conflict.left + conflict.right))
            }
            open += set.selections.reversed().compactMap(\.selectionSet)
        }
        return found
    }

    /// The message for a conflict.
    static func message(_ responseName: String, _ reason: String) -> String {
        "Fields \"\(responseName)\" conflict because \(reason). "
            + "Use different aliases on the fields to fetch both if this was intentional."
    }

    /// The reason for a conflict of types.
    static func differentTypes(_ left: TypeReference, _ right: TypeReference) -> String {
        "they return conflicting types \"\(left)\" and \"\(right)\""
    }

    /// The fields of a selection set.
    mutating func map(_ set: SelectionSetNode) -> FieldMap {
        if let map = self.maps[set.location] { return map }
        let map = FieldMap()
        self.collect(set.selections, into: map)
        self.maps[set.location] = map
        return map
    }

    private func collect(_ selections: [SelectionNode], into map: FieldMap) {
        for selection in selections {
            switch selection {
            case .field(let node):
                guard let place = self.places[ObjectIdentifier(node)] else { continue }
                let name = self.context.fields[place].responseName
                if map.fields[name] == nil { map.names.append(name) }
                map.fields[name, default: []].append(place)
            case .inlineFragment(let node):
                self.collect(node.selectionSet.selections, into: map)
            case .fragmentSpread(let node):
                map.add(fragment: node.name.value)
            }
        }
    }
}

extension SelectionNode {
    /// The selection set of a field or inline fragment.
    fileprivate var selectionSet: SelectionSetNode? {
        switch self {
        case .field(let node): return node.selectionSet
        case .inlineFragment(let node): return node.selectionSet
        case .fragmentSpread: return nil
        }
    }
}
