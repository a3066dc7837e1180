/// GraphQL §5.8.5: a variable stands only where each of its values may.
enum VariablesInAllowedPositionRule: ValidationRule {
    static let name = "VariablesInAllowedPositionRule"

    static func check(_ context: ValidationContext) {
        for operation in context.operations where !operation.node.variables.isEmpty {
            // A variable that is defined twice counts as its last definition says.
            let definitions = Dictionary(
                operation.node.variables.map { ($0.name.value, $0) }, uniquingKeysWith: { _, last in last })
            context.forEachVariable(of: operation) { use in
                guard let definition = definitions[use.name.value] else { return }
                self.check(use, definition, context)
            }
        }
    }

    private static func check(
        _ use: VariableUse, _ definition: VariableDefinitionNode, _ context: ValidationContext
    ) {
        guard let place = use.type, let type = context.schema.type(of: definition.type) else { return }
        let name = use.name.value
        if !self.isAllowed(type, definition.defaultValue, use, place, context.schema) {
            context.report(
                self, "Variable \"$\(name)\" of type \"\(type)\" used in position expecting type \"\(place)\".",
                [definition.location, use.location])
        } else if let oneOf = use.oneOf, !type.isNonNull {
            context.report(
                self,
                "Variable \"$\(name)\" is of type \"\(type)\" but must be non-nullable to be used for OneOf Input Object "
                    + "\"\(oneOf.name)\".",
                [definition.location, use.location])
        }
    }

    /// IsVariableUsageAllowed, but for fields of `@oneOf` input objects.
    private static func isAllowed(
        _ type: TypeReference, _ defaultValue: ValueNode?, _ use: VariableUse, _ place: TypeReference,
        _ schema: Schema
    ) -> Bool {
        guard place.isNonNull, !type.isNonNull else { return schema.isSubtype(type, of: place) }
        var hasValue = use.hasDefault
        if let defaultValue {
            if case .null = defaultValue.kind {} else { hasValue = true }
        }
        return hasValue && schema.isSubtype(type, of: place.nullable)
    }
}
