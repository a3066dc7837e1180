/// Refuses introspection where it is switched off; works like the rules of validation.
enum IntrospectionRule {
    /// One error for each `__schema` and `__type` in the document.
    static func errors(in document: Document) -> [GraphQLError] {
        var errors: [GraphQLError] = []
        for definition in document.definitions {
            switch definition {
            case .operation(let node): self.visit(node.selectionSet, &errors)
            case .fragment(let node): self.visit(node.selectionSet, &errors)
            case .schema, .type, .directive: break
            }
        }
        return errors
    }

    private static func visit(_ selectionSet: SelectionSetNode, _ errors: inout [GraphQLError]) {
        for selection in selectionSet.selections {
            switch selection {
            case .field(let node):
                let name = node.name.value
                if name == "__schema" || name == "__type" {
                    errors.append(
                        GraphQLError(
                            message: "GraphQL introspection has been disabled, but the requested query contained the "
                                + "field \"\(name)\".",
                            location: node.location))
                }
                if let selectionSet = node.selectionSet {
                    self.visit(selectionSet, &errors)
                }
            case .inlineFragment(let node):
                self.visit(node.selectionSet, &errors)
            case .fragmentSpread:
                break
            }
        }
    }
}
