/// What a resolver is given (GraphQL §6.4.2).
package struct ResolverInput: Sendable {
    /// The object that has the field; null for the root of a query or mutation, and for a subscription's source.
    package let source: ResolvedValue
    /// The coerced arguments.
    package let arguments: Arguments
    /// The client.
    package let context: any ExecutionContext
    /// The name of the object type that has the field.
    package let parentTypeName: String
    /// The name of the field in the schema.
    package let fieldName: String
    /// The name of the field in the response.
    package let responseName: String
    private let parentPath: ResponsePath?

    init(
        source: ResolvedValue, arguments: Arguments, context: any ExecutionContext, field: FieldPlan,
        parentPath: ResponsePath?
    ) {
        self.source = source
        self.arguments = arguments
        self.context = context
        self.parentTypeName = field.parentTypeName
        self.fieldName = field.name
        self.responseName = field.responseName
        self.parentPath = parentPath
    }

    /// Where the result goes in the response (§7.1.2).
    package var path: [PathElement] {
        (self.parentPath?.elements ?? []) + [.key(self.responseName)]
    }
}

/// A path in the response as a chain of steps, so that what is deep inside costs one link.
final class ResponsePath: Sendable {
    private let parent: ResponsePath?
    private let element: PathElement

    init(_ parent: ResponsePath?, _ element: PathElement) {
        self.parent = parent
        self.element = element
    }

    /// The steps from the root.
    var elements: [PathElement] {
        var reversed: [PathElement] = []
        var step: ResponsePath? = self
        while let current = step {
            reversed.append(current.element)
            step = current.parent
        }
        return reversed.reversed()
    }
}
