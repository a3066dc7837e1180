/// A named type of a schema (GraphQL §3.4).
package enum NamedType: Sendable {
    case scalar(ScalarType)
    case object(ObjectType)
    case interface(InterfaceType)
    case union(UnionType)
    case enumeration(EnumType)
    case inputObject(InputObjectType)

    /// The name, unique in the schema.
    package var name: String { self.reference.name }

    /// The reference to this type.
    package var reference: NamedTypeReference {
        switch self {
        case .scalar(let type): return type.reference
        case .object(let type): return type.reference
        case .interface(let type): return type.reference
        case .union(let type): return type.reference
        case .enumeration(let type): return type.reference
        case .inputObject(let type): return type.reference
        }
    }

    /// The description, when the schema gives one.
    package var typeDescription: String? {
        switch self {
        case .scalar(let type): return type.description
        case .object(let type): return type.description
        case .interface(let type): return type.description
        case .union(let type): return type.description
        case .enumeration(let type): return type.description
        case .inputObject(let type): return type.description
        }
    }

    /// The kind of the type.
    package var kind: TypeKind {
        switch self {
        case .scalar: return .scalar
        case .object: return .object
        case .interface: return .interface
        case .union: return .union
        case .enumeration: return .enumeration
        case .inputObject: return .inputObject
        }
    }

    /// Whether a value of the type may be an argument or variable (§3.4.2).
    package var isInput: Bool {
        switch self {
        case .scalar, .enumeration, .inputObject: return true
        case .object, .interface, .union: return false
        }
    }

    /// Whether a field may return the type (§3.4.2).
    package var isOutput: Bool {
        if case .inputObject = self { return false }
        return true
    }

    /// Whether the type is a scalar or an enum, and so takes no selection set.
    package var isLeaf: Bool {
        switch self {
        case .scalar, .enumeration: return true
        default: return false
        }
    }

    /// Whether the type is an object, interface or union, and so needs a selection set.
    package var isComposite: Bool {
        switch self {
        case .object, .interface, .union: return true
        default: return false
        }
    }

    /// Whether the type is an interface or union, so that its object type is known at execution only.
    package var isAbstract: Bool {
        switch self {
        case .interface, .union: return true
        default: return false
        }
    }

    /// The fields and interfaces of an object or interface; nil for other kinds.
    package var fieldSet: FieldSet? {
        switch self {
        case .object(let type): return type.fieldSet
        case .interface(let type): return type.fieldSet
        default: return nil
        }
    }

    /// The interfaces that an object or interface declares; empty for other kinds.
    package var interfaces: [NamedTypeReference] {
        switch self {
        case .object(let type): return type.interfaces
        case .interface(let type): return type.interfaces
        default: return []
        }
    }
}

extension NamedType: Equatable {
    package static func == (left: NamedType, right: NamedType) -> Bool {
        left.reference == right.reference
    }
}
