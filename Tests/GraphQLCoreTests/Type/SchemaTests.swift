import GraphQLCore
import Testing

@Suite struct SchemaTests {
    private static func schema() throws -> Schema {
        try Schema(sdl: [
            SDLSource(
                name: "one",
                text: """
                    "All of it." schema { query: Root }
                    type Root { node(id: ID!): Node found: [Found!]! old: Int @deprecated very: Int @deprecated(reason: "x") }
                    interface Node { id: ID! }
                    interface Named implements Node { id: ID! name: String }
                    type Ship implements Named & Node { id: ID! name: String! state(at: In = {a: 1, c: true}): State }
                    type Buoy implements Node { id: ID! }
                    union Found = Ship
                    enum State { UP "down" DOWN @deprecated }
                    scalar Time @specifiedBy(url: "https://time.example")
                    input In { a: Int = 1 b: [Time!] @deprecated c: Boolean! }
                    input One @oneOf { a: Int b: String }
                    directive @d(a: Int!) repeatable on FIELD | QUERY
                    """),
            SDLSource(
                name: "two",
                text: """
                    extend schema { subscription: Events }
                    type Events { tick: Time }
                    extend type Root { more: Boolean }
                    extend union Found = Buoy
                    extend enum State { AGROUND }
                    extend input In { d: One }
                    extend type Buoy implements Named { name: String }
                    """),
        ])
    }

    @Test func knowsItsRoots() throws {
        let schema = try Self.schema()
        #expect(schema.description == "All of it.")
        #expect(schema.queryType.name == "Root" && schema.rootType(for: .query)?.name == "Root")
        #expect(schema.subscriptionType?.name == "Events" && schema.rootType(for: .subscription)?.name == "Events")
        #expect(schema.mutationType == nil && schema.rootType(for: .mutation) == nil)
    }

    @Test func mergesExtensions() throws {
        let schema = try Self.schema()
        #expect(schema.queryType.fieldSet.map(\.name) == ["node", "found", "old", "very", "more"])
        guard case .union(let found) = schema.type(named: "Found"),
            case .enumeration(let state) = schema.type(named: "State"),
            case .inputObject(let input) = schema.type(named: "In"), case .object(let buoy) = schema.type(named: "Buoy")
        else {
            Issue.record("types are missing")
            return
        }
        #expect(found.members.map(\.name) == ["Ship", "Buoy"] && found.name == "Found")
        #expect(state.values.map(\.name) == ["UP", "DOWN", "AGROUND"])
        #expect(input.fields.map(\.name) == ["a", "b", "c", "d"])
        #expect(buoy.interfaces.map(\.name) == ["Node", "Named"])
    }

    @Test func describesMembers() throws {
        let schema = try Self.schema()
        #expect(schema.queryType.field("old")?.deprecationReason == "No longer supported")
        #expect(schema.queryType.field("very")?.deprecationReason == "x")
        #expect(schema.queryType.field("node")?.isDeprecated == false)
        #expect(schema.queryType.field("node")?.argument("id")?.isRequired == true)
        #expect(schema.queryType.field("found")?.type.description == "[Found!]!")
        guard case .enumeration(let state) = schema.type(named: "State"),
            case .inputObject(let input) = schema.type(named: "In"),
            case .inputObject(let one) = schema.type(named: "One"),
            case .scalar(let time) = schema.type(named: "Time"), case .scalar(let id) = schema.type(named: "ID")
        else {
            Issue.record("types are missing")
            return
        }
        #expect(state.value("DOWN")?.isDeprecated == true && state.value("DOWN")?.description == "down")
        #expect(state.value("SIDEWAYS") == nil && state.name == "State")
        #expect(input.fields["a"]?.defaultValue != nil && input.fields["a"]?.isRequired == false)
        #expect(input.fields["b"]?.isDeprecated == true && input.fields["c"]?.isRequired == true)
        #expect(one.isOneOf && !input.isOneOf)
        #expect(time.specifiedByURL == "https://time.example" && time.builtIn == nil && id.builtIn == .id)
        let directive = try #require(schema.directive(named: "d"))
        #expect(directive.isRepeatable && directive.locations == [.field, .query])
        #expect(directive.arguments["a"]?.isRequired == true && schema.directive(named: "e") == nil)
    }

    @Test func classifiesTypes() throws {
        let schema = try Self.schema()
        let names = ["Ship", "Node", "Found", "State", "Time", "In"]
        let types = try names.map { try #require(schema.type(named: $0)) }
        #expect(types.map(\.kind) == [.object, .interface, .union, .enumeration, .scalar, .inputObject])
        #expect(types.map(\.isComposite) == [true, true, true, false, false, false])
        #expect(types.map(\.isAbstract) == [false, true, true, false, false, false])
        #expect(types.map(\.isLeaf) == [false, false, false, true, true, false])
        #expect(types.map(\.isInput) == [false, false, false, true, true, true])
        #expect(types.map(\.isOutput) == [true, true, true, true, true, false])
        #expect(types.map { $0.fieldSet == nil } == [false, false, true, true, true, true])
        #expect(types.map(\.interfaces.count) == [2, 0, 0, 0, 0, 0])
        #expect(types.map(\.name) == names && types.allSatisfy { schema.type($0.reference) == $0 })
        #expect(types.allSatisfy { $0.typeDescription == nil })
        #expect(schema.type(named: "Nothing") == nil)
    }

    @Test func findsMetaFields() throws {
        let schema = try Self.schema()
        let root = NamedType.object(schema.queryType)
        let ship = try #require(schema.type(named: "Ship"))
        #expect(schema.field("__schema", on: root)?.type.description == "__Schema!")
        #expect(schema.field("__type", on: root)?.argument("name")?.type.description == "String!")
        #expect(schema.field("__typename", on: ship)?.type.description == "String!")
        #expect(schema.field("__schema", on: ship) == nil && schema.field("__type", on: ship) == nil)
        #expect(schema.field("__typename", on: try #require(schema.type(named: "State"))) == nil)
        #expect(schema.field("__other", on: root) == nil && schema.field("id", on: ship) != nil)
    }

    @Test func listsBuiltInTypesThatAreUsed() throws {
        let schema = try Schema(sdl: "type Query { a: String }")
        let names = schema.types.map(\.name)
        #expect(
            names.first == "Query" && names.contains("String") && names.contains("Boolean") && names.contains("__Type"))
        #expect(!names.contains("Int") && !names.contains("Float") && !names.contains("ID"))
        #expect(schema.type(named: "Float")?.isLeaf == true)
        #expect(schema.directives.map(\.name) == ["skip", "include", "deprecated", "specifiedBy", "oneOf"])
    }

    @Test func knowsSubtypes() throws {
        let schema = try Self.schema()
        func type(_ text: String) throws -> TypeReference {
            try #require(schema.type(of: try Parser.parseType(text)))
        }
        let pairs = [
            ("Ship", "Node", true), ("Ship", "Named", true), ("Named", "Node", true), ("Node", "Named", false),
            ("Ship", "Found", true), ("Buoy", "Ship", false), ("Ship!", "Ship", true), ("Ship", "Ship!", false),
            ("[Ship!]!", "[Node]", true), ("[Ship]", "[Node!]", false), ("[Ship]", "Ship", false),
            ("Ship", "[Ship]", false),
            ("Int", "Int", true), ("Int!", "Int!", true), ("Int", "Float", false),
        ]
        for (candidate, other, isSubtype) in pairs {
            #expect(schema.isSubtype(try type(candidate), of: try type(other)) == isSubtype, "\(candidate) of \(other)")
        }
        let node = try #require(schema.type(named: "Node"))
        let found = try #require(schema.type(named: "Found"))
        #expect(schema.possibleTypes(of: node).map(\.name) == ["Ship", "Buoy"])
        #expect(schema.overlap(node, found) && !schema.overlap(node, .object(schema.queryType)))
        #expect(!schema.isPossible(schema.queryType, for: node))
        #expect(try type("[Int!]!").nullable.description == "[Int!]" && type("Int").nullable.description == "Int")
        #expect(try schema.inputType(of: Parser.parseType("[Ship]")) == nil)
        #expect(try schema.inputType(of: Parser.parseType("[In]")) != nil)
    }

    @Test func takesDirectivesOfItsOwnForBuiltInOnes() throws {
        let schema = try Schema(
            sdl: "type Query { a: Int } directive @skip(if: Boolean!, why: String) on FIELD")
        #expect(schema.directive(named: "skip")?.arguments.count == 2)
        #expect(schema.directives.filter { $0.name == "skip" }.count == 1)
    }
}
