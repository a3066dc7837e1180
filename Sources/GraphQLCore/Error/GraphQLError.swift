/// An error of a GraphQL response (GraphQL §7.1.2): of a request (syntax, validation, variables) or of a field.
package struct GraphQLError: Error, Sendable, Equatable {
    /// What is wrong, for the developer of the client. Must not hold what a client may not see.
    package var message: String
    /// The places in the document; empty when there is none.
    package var locations: [SourceLocation]
    /// The path of the field that failed, from the root of the response; empty for errors of a request.
    package var path: [PathElement]
    /// Whatever the service tells beyond the message; nil leaves the entry out.
    package var extensions: JSONObject?

    /// An error with a message and, where known, its places in the document and in the response.
    package init(
        message: String, locations: [SourceLocation] = [], path: [PathElement] = [], extensions: JSONObject? = nil
    ) {
        self.message = message
        self.locations = locations
        self.path = path
        self.extensions = extensions
    }

    /// An error at one place of the document.
    package init(message: String, location: SourceLocation) {
        self.init(message: message, locations: [location])
    }
}

extension GraphQLError: CustomStringConvertible {
    /// The text for people before it; nil without one.
    package var description: String {
        let places = self.locations.map { " (\($0))" }.joined()
        return self.message + places
    }
}

extension GraphQLError {
    /// The error as it stands in a response (§7.1.2): `locations` and `path` only where there are any.
    package func json() -> JSONValue {
        var members: JSONObject = ["message": .string(self.message)]
        if !self.locations.isEmpty {
            members["locations"] = .array(
                self.locations.map { ["line": .int(Int64($0.line)), "column": .int(Int64($0.column))] })
        }
        if !self.path.isEmpty {
            members["path"] = .array(
                self.path.map { element in
                    switch element {
                    case .key(let name): .string(name)
                    case .index(let index): .int(Int64(index))
                    }
                })
        }
        if let extensions = self.extensions {
            members["extensions"] = .object(extensions)
        }
        return .object(members)
    }
}
