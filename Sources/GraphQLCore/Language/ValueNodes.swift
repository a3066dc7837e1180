/// A literal or a variable (GraphQL §2.9).
package struct ValueNode: Sendable {
    /// Which kind it is.
    package let kind: Kind
    /// Where the value starts.
    package let location: SourceLocation

    package init(_ kind: Kind, location: SourceLocation) {
        self.kind = kind
        self.location = location
    }

    /// What kind of value it is.
    package indirect enum Kind: Sendable {
        /// The name, without the `$`; its location is that of the name.
        case variable(NameNode)
        /// The digits as written; of any length.
        case int(String)
        /// The number as written; has a fraction, an exponent, or both.
        case float(String)
        /// The string after all escapes, and whether it was a block string.
        case string(String, block: Bool)
        case boolean(Bool)
        case null
        /// A name that is none of `true`, `false` and `null`.
        case enumeration(String)
        case list([ValueNode])
        /// Fields in the order of the source; names may repeat until the document is validated.
        case object([ObjectFieldNode])
    }
}

/// A field of an input object literal (GraphQL §2.9.8).
package struct ObjectFieldNode: Sendable {
    /// Its name.
    package let name: NameNode
    /// Its value.
    package let value: ValueNode

    package init(name: NameNode, value: ValueNode) {
        self.name = name
        self.value = value
    }
}

/// A string literal in a place where only a string may stand: a description (GraphQL §2.2.2).
package struct StringNode: Sendable {
    /// The text after all escapes.
    package let value: String
    /// Whether it was written as a block string.
    package let isBlock: Bool
    /// Where it begins in the source.
    package let location: SourceLocation

    package init(value: String, isBlock: Bool, location: SourceLocation) {
        self.value = value
        self.isBlock = isBlock
        self.location = location
    }
}

/// A reference to a type as written (GraphQL §2.11).
package indirect enum TypeNode: Sendable {
    case named(NameNode)
    /// The location is that of the `[`.
    case list(TypeNode, location: SourceLocation)
    /// The wrapped type is never itself `nonNull` when it comes from the parser.
    case nonNull(TypeNode)

    /// Where the reference starts.
    package var location: SourceLocation {
        switch self {
        case .named(let name): return name.location
        case .list(_, let location): return location
        case .nonNull(let inner): return inner.location
        }
    }

    /// The name inside all lists and non-nulls.
    package var namedType: NameNode {
        switch self {
        case .named(let name): return name
        case .list(let inner, _): return inner.namedType
        case .nonNull(let inner): return inner.namedType
        }
    }
}

extension TypeNode: CustomStringConvertible {
    /// The reference in GraphQL syntax, such as `[String!]!`.
    package var description: String {
        switch self {
        case .named(let name): return name.value
        case .list(let inner, _): return "[\(inner)]"
        case .nonNull(let inner): return "\(inner)!"
        }
    }
}
