extension Schema {
    /// By place of the type: the places of the object types that a value of it may have.
    static func possibleTypes(of types: [NamedType]) -> [Set<Int>] {
        var possible = [Set<Int>](repeating: [], count: types.count)
        for (place, type) in types.enumerated() {
            switch type {
            case .object(let object):
                possible[place].insert(place)
                for interface in object.interfaces { possible[interface.index].insert(place) }
            case .union(let union):
                possible[place] = Set(union.members.map(\.index))
            default:
                break
            }
        }
        return possible
    }

    /// The object types that a value of this type may have: the type itself, or those that implement or belong to it,
    /// in the order of the schema. Empty for scalars, enums and input objects.
    package func possibleTypes(of type: NamedType) -> [ObjectType] {
        self.possiblePlaces(of: type).sorted().compactMap { place in
            guard case .object(let object) = self.type(at: place) else { return nil }
            return object
        }
    }

    /// Whether a value of the abstract type may be of the object type (GraphQL §5.5.2.3).
    package func isPossible(_ object: ObjectType, for type: NamedType) -> Bool {
        self.possiblePlaces(of: type).contains(object.reference.index)
    }

    /// Whether some object type is possible for both types (GraphQL §5.5.2.3).
    package func overlap(_ left: NamedType, _ right: NamedType) -> Bool {
        if left == right { return true }
        return !self.possiblePlaces(of: left).isDisjoint(with: self.possiblePlaces(of: right))
    }

    /// Whether the second type is the first, implements it, or is a member of it (GraphQL §3.6, "IsSubType").
    package func isSubtype(_ candidate: NamedType, of type: NamedType) -> Bool {
        if candidate == type { return true }
        switch type {
        case .interface: return candidate.interfaces.contains(type.reference)
        case .union(let union): return union.members.contains(candidate.reference)
        default: return false
        }
    }

    /// Whether a value of the candidate type may always stand where `type` is asked for (GraphQL §3.6,
    /// "IsValidImplementationFieldType"; §5.8.5 "AreTypesCompatible").
    package func isSubtype(_ candidate: TypeReference, of type: TypeReference) -> Bool {
        switch (candidate, type) {
        case (.nonNull(let inner), .nonNull(let outer)): return self.isSubtype(inner, of: outer)
        case (.nonNull(let inner), _): return self.isSubtype(inner, of: type)
        case (_, .nonNull): return false
        case (.list(let inner), .list(let outer)): return self.isSubtype(inner, of: outer)
        case (.list, _), (_, .list): return false
        case (.named(let inner), .named(let outer)):
            return self.isSubtype(self.type(inner), of: self.type(outer))
        }
    }
}
