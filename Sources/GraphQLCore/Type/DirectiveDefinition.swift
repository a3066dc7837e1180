/// A directive that documents or the schema may apply (GraphQL §3.13).
package final class DirectiveDefinition: Sendable {
    /// The name, without the `@`.
    package let name: String
    /// The text for people before it; nil without one.
    package let description: String?
    /// Its arguments, in order.
    package let arguments: InputValueSet
    /// Whether one place may carry the directive more than once.
    package let isRepeatable: Bool
    /// Where the directive may stand, in the order of the schema.
    package let locations: [DirectiveLocation]

    init(
        name: String, description: String?, arguments: InputValueSet, isRepeatable: Bool = false,
        locations: [DirectiveLocation]
    ) {
        self.name = name
        self.description = description
        self.arguments = arguments
        self.isRepeatable = isRepeatable
        self.locations = locations
    }
}
