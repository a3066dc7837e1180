/// `__Field` (GraphQL §4.2.3).
struct FieldObject: DeprecableObject {
    let schema: Schema
    let definition: FieldDefinition

    var deprecationReason: String? { self.definition.deprecationReason }

    func field(_ name: String) -> ResolvedValue? {
        switch name {
        case "name": .string(self.definition.name)
        case "description": .optional(self.definition.description)
        case "type": .object(TypeObject(schema: self.schema, reference: self.definition.type))
        default: self.deprecationField(name)
        }
    }

    var arguments: [any DeprecableObject]? {
        self.definition.arguments.map { InputValueObject(schema: self.schema, definition: $0) }
    }
}

/// `__InputValue` (GraphQL §4.2.4).
struct InputValueObject: DeprecableObject {
    let schema: Schema
    let definition: InputValueDefinition

    var deprecationReason: String? { self.definition.deprecationReason }

    func field(_ name: String) -> ResolvedValue? {
        switch name {
        case "name": .string(self.definition.name)
        case "description": .optional(self.definition.description)
        case "type": .object(TypeObject(schema: self.schema, reference: self.definition.type))
        case "defaultValue": .optional(self.definition.defaultValue.map { Printer.print($0.withoutBlocks) })
        default: self.deprecationField(name)
        }
    }
}

/// `__EnumValue` (GraphQL §4.2.5).
struct EnumValueObject: DeprecableObject {
    let definition: EnumValueDefinition

    var deprecationReason: String? { self.definition.deprecationReason }

    func field(_ name: String) -> ResolvedValue? {
        switch name {
        case "name": .string(self.definition.name)
        case "description": .optional(self.definition.description)
        default: self.deprecationField(name)
        }
    }
}

extension ValueNode {
    /// The same value with block strings in quotation marks, which fit on one line.
    fileprivate var withoutBlocks: ValueNode {
        let kind: Kind =
            switch self.kind {
            case .string(let text, _): .string(text, block: false)
            case .list(let elements): .list(elements.map(\.withoutBlocks))
            case .object(let fields):
                .object(fields.map { ObjectFieldNode(name: $0.name, value: $0.value.withoutBlocks) })
            default: self.kind
            }
        return ValueNode(kind, location: self.location)
    }
}
