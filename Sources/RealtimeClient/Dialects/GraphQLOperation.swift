private import Foundation

/// What is asked of a GraphQL server.
public struct GraphQLOperation: Sendable, Hashable {
    /// The document.
    public var query: String
    /// A JSON object; nil for none.
    public var variables: String?
    /// Which operation of the document; nil when it has only one.
    public var operationName: String?

    /// - Parameter variables: A JSON object as text; nil for none.
    public init(query: String, variables: String? = nil, operationName: String? = nil) {
        self.query = query
        self.variables = variables
        self.operationName = operationName
    }

    /// As the JSON object that every GraphQL transport carries. `variables` is taken over as it is written, so it must
    /// be JSON.
    var json: String {
        var members = [#""query":\#(Self.quoted(self.query))"#]
        if let variables { members.append(#""variables":\#(variables)"#) }
        if let operationName { members.append(#""operationName":\#(Self.quoted(operationName))"#) }
        return "{\(members.joined(separator: ","))}"
    }

    /// A JSON string.
    static func quoted(_ text: String) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return (try? encoder.encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
    }
}
