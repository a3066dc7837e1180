import GraphQLCore

/// A schema for the tests of rules.
enum Harbour {
    static func schema() throws -> Schema {
        try Schema(
            sdl: """
                directive @onQuery on QUERY
                directive @onField on FIELD
                directive @tag(name: String!) repeatable on FIELD | QUERY | FRAGMENT_SPREAD | INLINE_FRAGMENT
                scalar Any
                enum Unit { METRE FOOT }
                interface Node { id: ID! }
                interface Vessel implements Node { id: ID! name(short: Boolean): String length(unit: Unit = METRE): Float }
                type Ship implements Vessel & Node {
                  id: ID! name(short: Boolean): String! length(unit: Unit = METRE): Float crew(first: Int!): [Person!] state: Unit
                }
                type Boat implements Vessel & Node {
                  id: ID! name(short: Boolean): String length(unit: Unit = METRE): Float state: String crew: Person
                }
                type Person implements Node { id: ID! boss: Person ships: [Ship] }
                union Found = Ship | Person
                input Bounds { low: Float = 0 high: Float! }
                input Filter { bounds: Bounds labels: [String!] not: Filter any: Any }
                input Ref @oneOf { id: ID name: String bounds: Bounds }
                type Query {
                  node(id: ID!): Node
                  vessel(ref: Ref): Vessel
                  search(filter: Filter, units: [Unit!], limit: Int! = 10): [Found!]!
                  echo(int: Int, float: Float, string: String, boolean: Boolean, id: ID, any: Any, unit: Unit): String
                  matrix(rows: [[Int!]!]!): Int
                  now: Int
                }
                type Mutation { remove(id: ID!): Boolean }
                type Subscription { tick: Int moved(id: ID!): Vessel }
                """)
    }

    /// The messages that a rule has for a document, with their places.
    static func messages(_ rule: String, _ text: String) throws -> [String] {
        try self.violations(text).filter { $0.rule == rule }.map(\.error.description)
    }

    /// All violations of a document.
    static func violations(_ text: String, limits: ValidationLimits = .init()) throws -> [Violation] {
        Validator.violations(of: try Parser.parseDocument(text), schema: try self.schema(), limits: limits)
    }
}
