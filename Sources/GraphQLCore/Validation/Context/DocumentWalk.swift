/// Fills a context from a document, going once over each definition.
struct DocumentWalk {
    private let context: ValidationContext
    private let schema: Schema
    private var responseNames: [String: Int] = [:]
    /// Of the definition that is walked.
    private var body = BodyUse()

    /// The context of a document.
    static func context(_ document: Document, schema: Schema, mostViolations: Int) -> ValidationContext {
        var walk = DocumentWalk(ValidationContext(schema: schema, mostViolations: mostViolations))
        for definition in document.definitions {
            switch definition {
            case .operation(let node): walk.walk(node)
            case .fragment(let node): walk.walk(node)
            case .schema, .type, .directive: walk.context.otherDefinitions.append(definition)
            }
        }
        walk.context.responseNameCount = walk.responseNames.count
        return walk.context
    }

    private init(_ context: ValidationContext) {
        self.context = context
        self.schema = context.schema
    }

    private mutating func walk(_ operation: OperationDefinitionNode) {
        let rootType = self.schema.rootType(for: operation.kind).map(NamedType.object)
        self.body = BodyUse()
        for variable in operation.variables {
            self.context.typeNames.append(variable.type.namedType)
            if let value = variable.defaultValue {
                self.context.values.append(
                    ValueUse(value: value, type: self.schema.inputType(of: variable.type)))
            }
            self.context.add(variable.directives, at: .variableDefinition, variables: &self.body.variables)
        }
        self.context.add(
            operation.directives, at: DirectiveLocation(operation.kind), variables: &self.body.variables)
        self.body.selectionSet = self.walk(operation.selectionSet, parent: rootType)
        self.context.operations.append(OperationUse(node: operation, rootType: rootType, body: self.body))
    }

    private mutating func walk(_ fragment: FragmentDefinitionNode) {
        let type = self.compositeType(fragment.typeCondition.value)
        self.body = BodyUse()
        self.context.typeNames.append(fragment.typeCondition)
        self.context.add(fragment.directives, at: .fragmentDefinition, variables: &self.body.variables)
        self.body.selectionSet = self.walk(fragment.selectionSet, parent: type)
        self.context.fragmentPlaces[fragment.name.value] = self.context.fragments.count
        self.context.fragments.append(FragmentUse(node: fragment, type: type, body: self.body))
    }

    private mutating func walk(_ set: SelectionSetNode, parent: NamedType?) -> Int {
        let place = self.context.selectionSets.count
        self.context.selectionSets.append(SelectionSetUse(node: set, parent: parent))
        self.walk(set.selections, parent: parent, into: place)
        return place
    }

    private mutating func walk(_ selections: [SelectionNode], parent: NamedType?, into place: Int) {
        for selection in selections {
            switch selection {
            case .field(let node):
                self.walk(node, parent: parent, into: place)
            case .fragmentSpread(let node):
                self.context.add(node.directives, at: .fragmentSpread, variables: &self.body.variables)
                self.context.spreads.append(SpreadUse(node: node, parent: parent))
                self.context.selectionSets[place].spreads.append(node.name.value)
                self.body.spreads.append(node)
            case .inlineFragment(let node):
                let type = node.typeCondition.map { self.compositeType($0.value) } ?? parent
                if let condition = node.typeCondition { self.context.typeNames.append(condition) }
                self.context.add(node.directives, at: .inlineFragment, variables: &self.body.variables)
                self.context.inlineFragments.append(InlineFragmentUse(node: node, parent: parent, type: type))
                self.walk(node.selectionSet.selections, parent: type, into: place)
            }
        }
    }

    private mutating func walk(_ field: FieldNode, parent: NamedType?, into place: Int) {
        let definition = parent.flatMap { self.schema.field(field.name.value, on: $0) }
        let fieldPlace = self.context.fields.count
        self.context.fields.append(
            FieldUse(
                node: field, parent: parent, definition: definition,
                responseName: self.number(of: field.responseName), selectionSet: nil))
        self.context.selectionSets[place].fields.append(fieldPlace)
        self.context.add(field.arguments, of: definition?.arguments, variables: &self.body.variables)
        self.context.add(field.directives, at: .field, variables: &self.body.variables)
        if let set = field.selectionSet {
            let type = definition.map { self.schema.namedType(of: $0.type) }
            let inner = self.walk(set, parent: type?.isComposite == true ? type : nil)
            self.context.fields[fieldPlace].selectionSet = inner
        }
    }

    private mutating func number(of responseName: String) -> Int {
        if let number = self.responseNames[responseName] { return number }
        let number = self.responseNames.count
        self.responseNames[responseName] = number
        return number
    }

    private func compositeType(_ name: String) -> NamedType? {
        guard let type = self.schema.type(named: name), type.isComposite else { return nil }
        return type
    }
}

extension Schema {
    /// The type that a reference in a document stands for; nil when the schema has no such type.
    package func type(of node: TypeNode) -> TypeReference? {
        switch node {
        case .named(let name): return self.type(named: name.value).map { .named($0.reference) }
        case .list(let inner, _): return self.type(of: inner).map { .list($0) }
        case .nonNull(let inner): return self.type(of: inner).map { .nonNull($0) }
        }
    }

    /// The type that a variable is of; nil when there is no such type or it is none for input (GraphQL §3.4.2).
    package func inputType(of node: TypeNode) -> TypeReference? {
        guard let type = self.type(of: node), self.namedType(of: type).isInput else { return nil }
        return type
    }
}

extension DirectiveLocation {
    /// The location of an operation.
    init(_ kind: OperationKind) {
        switch kind {
        case .query: self = .query
        case .mutation: self = .mutation
        case .subscription: self = .subscription
        }
    }
}
