/// `__Schema` (GraphQL §4.2.1).
struct SchemaObject: ResolvedObject {
    let schema: Schema

    func field(_ name: String) -> ResolvedValue? {
        switch name {
        case "description": .optional(self.schema.description)
        case "types": .list(self.schema.types.map { self.type($0.reference) })
        case "queryType": self.type(self.schema.queryType.reference)
        case "mutationType": self.schema.mutationType.map { self.type($0.reference) }
        case "subscriptionType": self.schema.subscriptionType.map { self.type($0.reference) }
        case "directives":
            .list(
                self.schema.directives.map { .object(DirectiveObject(schema: self.schema, definition: $0)) })
        default: nil
        }
    }

    private func type(_ reference: NamedTypeReference) -> ResolvedValue {
        .object(TypeObject(schema: self.schema, reference: .named(reference)))
    }
}

/// `__Directive` (GraphQL §4.2.6).
struct DirectiveObject: ResolvedObject {
    let schema: Schema
    let definition: DirectiveDefinition

    func field(_ name: String) -> ResolvedValue? {
        switch name {
        case "name": .string(self.definition.name)
        case "description": .optional(self.definition.description)
        case "isRepeatable": .bool(self.definition.isRepeatable)
        case "locations": .list(self.definition.locations.map { .string($0.rawValue) })
        default: nil
        }
    }

    var arguments: [any DeprecableObject]? {
        self.definition.arguments.map { InputValueObject(schema: self.schema, definition: $0) }
    }
}
