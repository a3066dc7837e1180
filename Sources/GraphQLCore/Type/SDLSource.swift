/// A piece of type system text, with a name for messages.
package struct SDLSource: Sendable {
    /// What the text is called in messages, such as a file name.
    package let name: String
    /// The whole text.
    package let text: String

    /// A source of the given text.
    package init(name: String = "schema", text: String) {
        self.name = name
        self.text = text
    }
}

/// Why a schema could not be made: at least one error, each naming the type and field at fault.
package struct SchemaErrors: Error, Sendable, Equatable {
    /// What is wrong, in order of the text; never empty.
    package let errors: [GraphQLError]

    /// The errors, at least one.
    package init(_ errors: [GraphQLError]) {
        self.errors = errors
    }
}

extension SchemaErrors: CustomStringConvertible {
    /// The text for people before it; nil without one.
    package var description: String {
        self.errors.map(\.description).joined(separator: "\n")
    }
}
