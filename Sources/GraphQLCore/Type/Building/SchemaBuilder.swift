extension Schema {
    /// The schema of SDL sources (GraphQL §3), taken together as one document; extensions are merged into what they
    /// extend. Throws every problem that was found: syntax first, then names and directives, then the rules for types.
    package convenience init(sdl sources: [SDLSource]) throws(SchemaErrors) {
        self.init(parts: try SchemaBuilder.parts(sources))
    }

    /// The schema of one SDL text.
    package convenience init(sdl text: String) throws(SchemaErrors) {
        try self.init(sdl: [SDLSource(text: text)])
    }
}

/// Turns a checked draft into the parts of a schema.
struct SchemaBuilder {
    private let draft: SchemaDraft

    /// The parts of a schema; see `Schema.init(sdl:)`.
    static func parts(_ sources: [SDLSource]) throws(SchemaErrors) -> SchemaParts {
        let draft = SchemaDraft(try self.parse(sources), builtIns: try self.parse([SDLSource(text: BuiltIns.text)]))
        try self.stop(at: NameChecks.errors(of: draft))
        let parts = SchemaBuilder(draft: draft).parts()
        let schema = Schema(parts: parts)
        try self.stop(at: DirectiveChecks.errors(of: draft, schema: schema))
        try self.stop(at: TypeChecks.errors(of: draft, schema: schema))
        return parts
    }

    private static func parse(_ sources: [SDLSource]) throws(SchemaErrors) -> [DefinitionNode] {
        var definitions: [DefinitionNode] = []
        var errors: [GraphQLError] = []
        for source in sources {
            do {
                definitions += try Parser.parseTypeSystem(source.text).definitions
            } catch {
                // With one source the place says it all.
                let name = sources.count > 1 ? " (in \(source.name))" : ""
                errors.append(GraphQLError(message: error.message + name, locations: error.locations))
            }
        }
        try self.stop(at: errors)
        return definitions
    }

    private static func stop(at errors: [GraphQLError]) throws(SchemaErrors) {
        if !errors.isEmpty { throw SchemaErrors(errors) }
    }

    private func parts() -> SchemaParts {
        var types: [NamedType] = []
        for (place, type) in self.draft.types.enumerated() {
            types.append(self.namedType(type, NamedTypeReference(name: type.name, index: place)))
        }
        return SchemaParts(
            description: self.draft.schemaDefinition?.description?.value,
            types: types,
            unusedTypes: self.unusedScalars(),
            directives: self.draft.directives.map(self.directive),
            // The checks of names made sure that there is a query root and that it is an object.
            queryType: self.root(.query, types)
                ?? ObjectType(
                    reference: NamedTypeReference(name: "Query", index: 0), description: nil, interfaces: [],
                    fields: FieldSet([])),
            mutationType: self.root(.mutation, types),
            subscriptionType: self.root(.subscription, types),
            metaFields: MetaFields(
                typename: FieldDefinition(
                    name: "__typename", description: "The name of the object type.", arguments: InputValueSet([]),
                    type: .nonNull(self.reference("String"))),
                schema: FieldDefinition(
                    name: "__schema", description: "The schema of this service.", arguments: InputValueSet([]),
                    type: .nonNull(self.reference("__Schema"))),
                type: FieldDefinition(
                    name: "__type", description: "The type of a name, or null.",
                    arguments: InputValueSet([
                        InputValueDefinition(
                            name: "name", description: nil, type: .nonNull(self.reference("String")), defaultValue: nil)
                    ]),
                    type: self.reference("__Type"))))
    }

    private func unusedScalars() -> Set<Int> {
        var values = self.draft.directives.flatMap(\.arguments)
        var used: Set<String> = []
        for type in self.draft.types {
            values += type.inputFields
            for field in type.fields {
                used.insert(field.type.namedType.value)
                values += field.arguments
            }
        }
        used.formUnion(values.map(\.type.namedType.value))
        return Set(BuiltIns.scalarNames.filter { !used.contains($0) }.compactMap { self.draft.places[$0] })
    }

    private func root(_ operation: OperationKind, _ types: [NamedType]) -> ObjectType? {
        guard let name = self.draft.rootName(operation), let place = self.draft.places[name.value],
            case .object(let object) = types[place]
        else { return nil }
        return object
    }

    private func namedType(_ type: DraftType, _ reference: NamedTypeReference) -> NamedType {
        let description = type.definition.description?.value
        switch type.kind {
        case .scalar:
            return .scalar(
                ScalarType(
                    reference: reference, description: description,
                    specifiedByURL: self.string("url", of: "specifiedBy", in: type.directives)))
        case .object:
            return .object(
                ObjectType(
                    reference: reference, description: description,
                    interfaces: type.interfaces.map { self.reference($0.value).namedType },
                    fields: FieldSet(type.fields.map(self.field))))
        case .interface:
            return .interface(
                InterfaceType(
                    reference: reference, description: description,
                    interfaces: type.interfaces.map { self.reference($0.value).namedType },
                    fields: FieldSet(type.fields.map(self.field))))
        case .union:
            return .union(
                UnionType(
                    reference: reference, description: description,
                    members: type.memberTypes.map { self.reference($0.value).namedType }))
        case .enumeration:
            return .enumeration(
                EnumType(
                    reference: reference, description: description,
                    values: type.values.map { value in
                        EnumValueDefinition(
                            name: value.name.value, description: value.description?.value,
                            deprecationReason: self.deprecationReason(value.directives))
                    }))
        case .inputObject:
            return .inputObject(
                InputObjectType(
                    reference: reference, description: description,
                    fields: InputValueSet(type.inputFields.map(self.inputValue)),
                    isOneOf: type.directives.contains { $0.name.value == "oneOf" }))
        }
    }

    private func field(_ node: FieldDefinitionNode) -> FieldDefinition {
        FieldDefinition(
            name: node.name.value, description: node.description?.value,
            arguments: InputValueSet(node.arguments.map(self.inputValue)), type: self.reference(node.type),
            deprecationReason: self.deprecationReason(node.directives))
    }

    private func inputValue(_ node: InputValueDefinitionNode) -> InputValueDefinition {
        InputValueDefinition(
            name: node.name.value, description: node.description?.value, type: self.reference(node.type),
            defaultValue: node.defaultValue, deprecationReason: self.deprecationReason(node.directives))
    }

    private func directive(_ node: DirectiveDefinitionNode) -> DirectiveDefinition {
        DirectiveDefinition(
            name: node.name.value, description: node.description?.value,
            arguments: InputValueSet(node.arguments.map(self.inputValue)), isRepeatable: node.isRepeatable,
            locations: node.locations)
    }

    private func reference(_ node: TypeNode) -> TypeReference {
        switch node {
        case .named(let name): return self.reference(name.value)
        case .list(let inner, _): return .list(self.reference(inner))
        case .nonNull(let inner): return .nonNull(self.reference(inner))
        }
    }

    /// The reference to a type whose name is known to exist.
    private func reference(_ name: String) -> TypeReference {
        .named(NamedTypeReference(name: name, index: self.draft.places[name] ?? 0))
    }

    private func deprecationReason(_ directives: [DirectiveNode]) -> String? {
        guard directives.contains(where: { $0.name.value == "deprecated" }) else { return nil }
        return self.string("reason", of: "deprecated", in: directives) ?? BuiltIns.defaultDeprecationReason
    }

    private func string(_ argument: String, of directive: String, in directives: [DirectiveNode]) -> String? {
        guard let node = directives.first(where: { $0.name.value == directive }),
            case .string(let value, _) = node.argument(argument)?.kind
        else { return nil }
        return value
    }
}
