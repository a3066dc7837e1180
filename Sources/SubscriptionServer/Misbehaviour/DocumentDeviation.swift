import GraphQLCore
import SubscriptionProtocols

// What a misbehaving server makes of a request before it is executed.
extension Misbehaviour {
    /// The request as the server understands it.
    func misread(_ payload: SubscribePayload) -> SubscribePayload {
        guard Self.aboutDocuments.contains(self), let document = try? Parser.parseDocument(payload.query) else {
            return payload
        }
        var payload = payload
        switch self {
        case .operationNameIgnored:
            payload.operationName = document.operations.first?.name?.value
        case .missingVariableAsNull:
            payload.variables = Self.completed(payload.variables ?? [:], for: document)
        case .explicitNullBecomesDefault:
            var variables = payload.variables ?? [:]
            for variable in document.operations.flatMap(\.variables) where variable.defaultValue != nil {
                if variables[variable.name.value] == .null { variables[variable.name.value] = nil }
            }
            payload.variables = variables
        default:
            let definitions = document.definitions.map { self.misread($0, in: document) }
            payload.query = Printer.print(Document(definitions: Self.withoutUnused(definitions)))
        }
        return payload
    }

    private static let aboutDocuments: Set<Misbehaviour> = [
        .operationNameIgnored, .missingVariableAsNull, .explicitNullBecomesDefault, .severalRootFields,
        .rootFieldsInFragments, .skipOnRoot, .rootAliasLost, .mutationFieldsReversed,
    ]

    /// The variables, with something for each that is required and missing.
    private static func completed(_ variables: JSONObject, for document: Document) -> JSONObject {
        var variables = variables
        for variable in document.operations.flatMap(\.variables) {
            guard case .nonNull = variable.type, variable.defaultValue == nil else { continue }
            guard (variables[variable.name.value] ?? .null) == .null else { continue }
            switch variable.type.namedType.value {
            case "Int", "Float": variables[variable.name.value] = .int(0)
            case "Boolean": variables[variable.name.value] = .bool(false)
            default: variables[variable.name.value] = ""
            }
        }
        return variables
    }

    /// What nothing uses any more would be an error of another kind.
    private static func withoutUnused(_ definitions: [DefinitionNode]) -> [DefinitionNode] {
        let text = Printer.print(Document(definitions: definitions))
        let used: [DefinitionNode] = definitions.filter { definition in
            guard case .fragment(let fragment) = definition else { return true }
            return text.contains("...\(fragment.name.value)")
        }
        return used.map { definition in
            guard case .operation(let operation) = definition else { return definition }
            return .operation(
                self.copy(
                    of: operation,
                    variables: operation.variables.filter { variable in
                        text.components(around: "$\(variable.name.value)") > 2
                    }, selections: operation.selectionSet.selections))
        }
    }

    private static func copy(
        of operation: OperationDefinitionNode, variables: [VariableDefinitionNode], selections: [SelectionNode]
    ) -> OperationDefinitionNode {
        OperationDefinitionNode(
            kind: operation.kind, description: operation.description, name: operation.name,
            variables: variables, directives: operation.directives,
            selectionSet: SelectionSetNode(selections: selections, location: operation.selectionSet.location),
            location: operation.location)
    }

    private func misread(_ definition: DefinitionNode, in document: Document) -> DefinitionNode {
        guard case .operation(let operation) = definition else { return definition }
        if operation.kind == .mutation, self == .mutationFieldsReversed {
            let reversed: [SelectionNode] = operation.selectionSet.selections.reversed()
            return .operation(Self.copy(of: operation, variables: operation.variables, selections: reversed))
        }
        guard operation.kind == .subscription else { return definition }
        let roots = operation.selectionSet.selections
        let understood: [SelectionNode]
        switch self {
        case .severalRootFields:
            understood = Array(Self.fields(of: roots, in: document).prefix(1))
        case .rootFieldsInFragments:
            let isPlain = roots.allSatisfy { if case .field = $0 { true } else { false } }
            understood = isPlain ? roots : Array(Self.fields(of: roots, in: document).prefix(1))
        default:
            understood = roots.map { self.misread($0) }
        }
        return .operation(Self.copy(of: operation, variables: operation.variables, selections: understood))
    }

    private func misread(_ selection: SelectionNode) -> SelectionNode {
        let directives = selection.directives.filter {
            self != .skipOnRoot || !["skip", "include"].contains($0.name.value)
        }
        switch selection {
        case .field(let field):
            return .field(
                FieldNode(
                    alias: self == .rootAliasLost ? nil : field.alias, name: field.name, arguments: field.arguments,
                    directives: directives, selectionSet: field.selectionSet))
        case .inlineFragment(let fragment):
            return .inlineFragment(
                InlineFragmentNode(
                    typeCondition: fragment.typeCondition, directives: directives, selectionSet: fragment.selectionSet,
                    location: fragment.location))
        case .fragmentSpread:
            return selection
        }
    }

    /// The name under which a subscription asks for nothing but the name of its type; nil for any other request.
    static func typeNameAlone(in payload: SubscribePayload) -> String? {
        guard let document = try? Parser.parseDocument(payload.query), let operation = document.operations.first,
            operation.kind == .subscription, document.operations.count == 1
        else { return nil }
        let fields = self.fields(of: operation.selectionSet.selections, in: document)
        guard fields.count == 1, case .field(let field)? = fields.first, field.name.value == "__typename" else {
            return nil
        }
        return field.responseName
    }

    /// The fields of selections, those in fragments too.
    private static func fields(of selections: [SelectionNode], in document: Document) -> [SelectionNode] {
        selections.flatMap { selection -> [SelectionNode] in
            switch selection {
            case .field: return [selection]
            case .inlineFragment(let fragment):
                return self.fields(of: fragment.selectionSet.selections, in: document)
            case .fragmentSpread(let spread):
                let fragment = document.fragments.first { $0.name.value == spread.name.value }
                // One level is enough; fragments that contain each other have no end.
                return (fragment?.selectionSet.selections ?? []).filter {
                    if case .fragmentSpread = $0 { false } else { true }
                }
            }
        }
    }
}

extension String {
    /// In how many pieces the text falls when it is cut at every `mark`.
    fileprivate func components(around mark: String) -> Int {
        let (bytes, mark) = (Array(self.utf8), Array(mark.utf8))
        return bytes.ranges(of: mark).count + 1
    }
}
