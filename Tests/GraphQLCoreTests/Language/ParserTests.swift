import GraphQLCore
import Testing

@Suite struct ParserTests {
    private static func problem(_ text: String) -> String? {
        do {
            _ = try Parser.parseDocument(text)
            return nil
        } catch {
            return error.description
        }
    }

    @Test func readsAnOperation() throws {
        let document = try Parser.parseDocument(
            """
            "What it does."
            query Q("how many" $a: [Int!]! = [1] @d) @e(f: $a) {
              alias: field(x: {y: $a}) { ...F ... on T @g { h } ... { i } }
            }
            fragment F on T { j }
            """)
        let operation = try #require(document.operations.first)
        #expect(operation.kind == .query && operation.name?.value == "Q")
        #expect(operation.description?.value == "What it does.")
        #expect(operation.location.line == 1)
        let variable = try #require(operation.variables.first)
        #expect(variable.description?.value == "how many" && variable.type.description == "[Int!]!")
        #expect(variable.type.namedType.value == "Int" && variable.type.location.column == 24)
        #expect(variable.location.column == 9 && variable.variableLocation.column == 20)
        #expect(variable.directives.map(\.name.value) == ["d"] && variable.defaultValue != nil)
        #expect(operation.directives.first?.argument("f") != nil)
        #expect(operation.directives.first?.argument("g") == nil)
        guard case .field(let field) = operation.selectionSet.selections.first else {
            Issue.record("no field")
            return
        }
        #expect(field.responseName == "alias" && field.name.value == "field")
        let inner = try #require(field.selectionSet?.selections)
        #expect(inner.count == 3 && inner[1].directives.count == 1)
        #expect(inner.map(\.location.column) == [30, 35, 53])
        #expect(document.fragments.map(\.name.value) == ["F"])
        #expect(document.definitions.map(\.location.line) == [1, 5])
    }

    @Test func readsEveryValue() throws {
        let kinds = try ["1", "1.5", "\"x\"", "true", "null", "RED", "[1]", "{a: 1}", "$v"].map {
            switch try Parser.parseValue($0).kind {
            case .int: "int"
            case .float: "float"
            case .string: "string"
            case .boolean: "boolean"
            case .null: "null"
            case .enumeration: "enum"
            case .list: "list"
            case .object: "object"
            case .variable: "variable"
            }
        }
        #expect(kinds == ["int", "float", "string", "boolean", "null", "enum", "list", "object", "variable"])
    }

    @Test(arguments: ["Int", "Int!", "[Int]", "[Int!]!", "[[Int]!]"])
    func readsTypes(_ text: String) throws {
        #expect(try Parser.parseType(text).description == text)
    }

    @Test(arguments: [
        ("{", "Expected Name, found <EOF>. (1:2)"), ("{ }", "Expected Name, found \"}\". (1:3)"),
        ("{ a(b) }", "Expected \":\", found \")\". (1:6)"), ("{ a: }", "Expected Name, found \"}\". (1:6)"),
        ("query A B { a }", "Expected \"{\", found Name \"B\". (1:9)"), ("foo", "Unexpected Name \"foo\". (1:1)"),
        ("1", "Unexpected Int \"1\". (1:1)"), ("\"x\"", "Unexpected <EOF>. (1:4)"),
        ("\"x\" { a }", "Unexpected description, descriptions are not supported on shorthand queries. (1:1)"),
        ("\"x\" extend type A { b: C }", "Unexpected description, descriptions are not supported on extensions. (1:1)"),
        ("fragment on on T { a }", "Unexpected Name \"on\". (1:10)"),
        ("fragment A T { a }", "Expected \"on\", found Name \"T\". (1:12)"),
        ("query ($a: Int = $b) { a }", "Unexpected variable \"$b\" in constant value. (1:18)"),
        ("query ($a: Int = $) { a }", "Unexpected \"$\". (1:18)"),
        ("{ ...on }", "Expected Name, found \"}\". (1:9)"),
        ("schema { foo: Q }", "Unexpected Name \"foo\". (1:10)"),
        ("enum A { true }", "Name \"true\" is reserved and cannot be used for an enum value. (1:10)"),
        ("directive @a on foo", "Unexpected Name \"foo\". (1:17)"),
        ("extend type A", "Unexpected <EOF>. (1:14)"), ("extend foo", "Unexpected Name \"foo\". (1:8)"),
        ("extend 1", "Unexpected Int \"1\". (1:8)"), ("union A =", "Expected Name, found <EOF>. (1:10)"),
        ("type A { }", "Expected Name, found \"}\". (1:10)"),
    ])
    func saysWhatItExpected(_ text: String, _ message: String) {
        #expect(Self.problem(text) == "Syntax Error: " + message)
    }

    @Test func refusesWhatFollowsAValueOrAType() {
        #expect(throws: GraphQLError.self) { try Parser.parseValue("1 2") }
        #expect(throws: GraphQLError.self) { try Parser.parseValue("[$a]", isConstant: true) }
        #expect(throws: GraphQLError.self) { try Parser.parseType("Int Int") }
    }

    @Test func keepsExecutableDefinitionsOutOfTypeSystems() throws {
        #expect(throws: GraphQLError.self) { try Parser.parseTypeSystem("{ a }") }
        #expect(throws: GraphQLError.self) { try Parser.parseTypeSystem("query Q { a }") }
        #expect(throws: GraphQLError.self) { try Parser.parseTypeSystem("fragment F on T { a }") }
        #expect(try Parser.parseTypeSystem("scalar A schema { query: A } directive @b on FIELD").definitions.count == 3)
    }

    @Test func readsTypeSystems() throws {
        let document = try Parser.parseTypeSystem(
            """
            type A implements B & C @d { "e" f(g: H = 1): I! }
            extend union J = K | L
            enum M { N O }
            input P { q: R }
            """)
        let types = document.definitions.compactMap { definition in
            if case .type(let node) = definition { node } else { nil }
        }
        #expect(types.map(\.kind) == [.object, .union, .enumeration, .inputObject])
        #expect(types.map(\.isExtension) == [false, true, false, false])
        #expect(types[0].interfaces.map(\.value) == ["B", "C"])
        #expect(types[0].fields.first?.description?.value == "e" && types[0].fields.first?.arguments.count == 1)
        #expect(types[1].memberTypes.map(\.value) == ["K", "L"] && types[1].fields.isEmpty)
        #expect(types[2].values.map(\.name.value) == ["N", "O"] && types[2].memberTypes.isEmpty)
        #expect(types[3].inputFields.map(\.name.value) == ["q"] && types[3].values.isEmpty)
        #expect(types[0].inputFields.isEmpty)
    }
}
