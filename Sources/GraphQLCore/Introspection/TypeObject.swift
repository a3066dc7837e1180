/// `__Type` (GraphQL §4.2.2): a named type, or a list or non-null of another.
struct TypeObject: ResolvedObject {
    let schema: Schema
    let reference: TypeReference

    func field(_ name: String) -> ResolvedValue? {
        switch self.reference {
        case .list(let inner): self.wrapperField(name, kind: "LIST", of: inner)
        case .nonNull(let inner): self.wrapperField(name, kind: "NON_NULL", of: inner)
        case .named(let reference): self.namedField(name, of: self.schema.type(reference))
        }
    }

    private func wrapperField(_ name: String, kind: String, of inner: TypeReference) -> ResolvedValue? {
        switch name {
        case "kind": .string(kind)
        case "ofType": .object(TypeObject(schema: self.schema, reference: inner))
        default: nil
        }
    }

    private func namedField(_ name: String, of type: NamedType) -> ResolvedValue? {
        switch name {
        case "kind": .string(type.kind.introspectionName)
        case "name": .string(type.name)
        case "description": .optional(type.typeDescription)
        case "interfaces" where type.fieldSet != nil: .list(type.interfaces.map { self.named($0) })
        case "possibleTypes" where type.isAbstract: .list(self.possibleTypes(of: type).map { self.named($0) })
        case "specifiedByURL": if case .scalar(let scalar) = type { .optional(scalar.specifiedByURL) } else { nil }
        case "isOneOf": if case .inputObject(let object) = type { .bool(object.isOneOf) } else { nil }
        default: nil
        }
    }

    /// Of a union in the order of its members, of an interface in the order of the schema.
    private func possibleTypes(of type: NamedType) -> [NamedTypeReference] {
        if case .union(let union) = type {
            return union.members
        }
        return self.schema.possibleTypes(of: type).map(\.reference)
    }

    private func named(_ reference: NamedTypeReference) -> ResolvedValue {
        .object(TypeObject(schema: self.schema, reference: .named(reference)))
    }

    private var namedType: NamedType? {
        if case .named(let reference) = self.reference { self.schema.type(reference) } else { nil }
    }

    /// Of objects and interfaces.
    var fields: [any DeprecableObject]? {
        self.namedType?.fieldSet?.map { FieldObject(schema: self.schema, definition: $0) }
    }

    /// Of input objects.
    var inputFields: [any DeprecableObject]? {
        guard case .inputObject(let object) = self.namedType else { return nil }
        return object.fields.map { InputValueObject(schema: self.schema, definition: $0) }
    }

    /// Of enums.
    var enumValues: [any DeprecableObject]? {
        guard case .enumeration(let type) = self.namedType else { return nil }
        return type.values.map { EnumValueObject(definition: $0) }
    }
}

extension TypeKind {
    /// The value of `__TypeKind` (§4.2.2).
    fileprivate var introspectionName: String {
        switch self {
        case .scalar: "SCALAR"
        case .object: "OBJECT"
        case .interface: "INTERFACE"
        case .union: "UNION"
        case .enumeration: "ENUM"
        case .inputObject: "INPUT_OBJECT"
        }
    }
}
