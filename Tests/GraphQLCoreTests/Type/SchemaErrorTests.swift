import GraphQLCore
import Testing

@Suite struct SchemaErrorTests {
    private static func problems(_ sources: [SDLSource]) -> [String] {
        do {
            _ = try Schema(sdl: sources)
            return []
        } catch {
            return error.errors.map(\.description)
        }
    }

    private static func problems(_ text: String) -> [String] { self.problems([SDLSource(text: text)]) }

    @Test(arguments: [
        ("type A { a: Int }", "Query root type must be provided."),
        ("schema { mutation: M } type M { a: Int }", "Query root type must be provided. (1:1)"),
        ("schema { query: E } enum E { A }", "Query root type must be Object type, it cannot be E. (1:17)"),
        (
            "schema { query: Q mutation: U } type Q { a: Int } union U = Q",
            "Mutation root type must be Object type if provided, it cannot be U. (1:29)"
        ),
        (
            "schema { query: Q mutation: Q } type Q { a: Int }",
            "All root types must be different, \"Q\" type is used as query and mutation root type. (1:29)"
        ),
        (
            "schema { query: Q } schema { query: Q } type Q { a: Int }",
            "Must provide only one schema definition. (1:21)"
        ),
        (
            "schema { query: Q query: Q } type Q { a: Int }",
            "There can be only one query type in schema. (1:10) (1:19)"
        ),
        (
            "extend schema @d directive @d on SCHEMA type A { a: Int }",
            "Cannot extend the schema because it is not defined. (1:1)"
        ),
        ("type Query { a: Nope }", "Unknown type \"Nope\". (1:17)"),
        ("type Query { a: Querry }", "Unknown type \"Querry\". Did you mean \"Query\"? (1:17)"),
        ("type Query { a: Int } type Query { a: Int }", "There can be only one type named \"Query\". (1:6) (1:28)"),
        ("type Query { a: Int } scalar Int", "Type \"Int\" is built in and cannot be defined. (1:30)"),
        (
            "type Query { a: Int } extend scalar Int @d directive @d on SCALAR",
            "Type \"Int\" is built in and cannot be extended. (1:23)"
        ),
        (
            "type Query { a: Int } extend type Qery { a: Int }",
            "Cannot extend type \"Qery\" because it is not defined. Did you mean \"Query\"? (1:35)"
        ),
        ("type Query { a: Int } extend enum Query { A }", "Cannot extend non-enum type \"Query\". (1:1) (1:23)"),
        ("type Query { a: Int a: Int }", "Field \"Query.a\" can only be defined once. (1:14) (1:21)"),
        ("type Query { a(b: Int, b: Int): Int }", "Argument \"Query.a(b:)\" can only be defined once. (1:16) (1:24)"),
        ("type Query { a: Int } enum E { A A }", "Enum value \"E.A\" can only be defined once. (1:32) (1:34)"),
        ("type Query { a: Int } input I { a: Int a: Int }", "Field \"I.a\" can only be defined once. (1:33) (1:40)"),
        (
            "type Query { a: Int } directive @d on FIELD directive @d on FIELD",
            "There can be only one directive named \"@d\". (1:34) (1:56)"
        ),
        (
            "type Query { a: Int } directive @d(a: Int, a: Int) on FIELD",
            "Argument \"@d(a:)\" can only be defined once. (1:36) (1:44)"
        ),
        (
            "type Query { __a: Int }",
            "Name \"__a\" must not begin with \"__\", which is reserved by GraphQL introspection. (1:14)"
        ),
    ])
    func checksNames(_ text: String, _ message: String) {
        #expect(Self.problems(text).contains(message), "\(Self.problems(text))")
    }

    @Test(arguments: [
        ("type Query { a: Int @nope }", "Unknown directive \"@nope\". (1:21)"),
        ("type Query @deprecated { a: Int }", "Directive \"@deprecated\" may not be used on OBJECT. (1:12)"),
        (
            "type Query { a: Int @deprecated @deprecated }",
            "The directive \"@deprecated\" can only be used once at this location. (1:21) (1:33)"
        ),
        (
            "type Query @d { a: Int } extend type Query @d directive @d on OBJECT",
            "The directive \"@d\" can only be used once at this location. (1:12) (1:44)"
        ),
        (
            "type Query { a: Int @deprecated(resaon: \"x\") }",
            "Unknown argument \"resaon\" on directive \"@deprecated\". Did you mean \"reason\"? (1:33)"
        ),
        (
            "type Query { a: S } scalar S @specifiedBy",
            "Directive \"@specifiedBy\" argument \"url\" of type \"String!\" is required, but it was not provided. (1:30)"
        ),
        ("type Query { a: Int @deprecated(reason: 1) }", "String cannot represent a non string value: 1 (1:41)"),
        ("type Query { a(b: Int = \"x\"): Int }", "Int cannot represent non-integer value: \"x\" (1:25)"),
        ("type Query { a: Int } input I { a: Int! = null }", "Expected value of type \"Int!\", found null. (1:43)"),
        (
            "type Query { a: Int } directive @d(a: Int @d) on ARGUMENT_DEFINITION",
            "Directive \"@d\" cannot reference itself, directly or indirectly. (1:23)"
        ),
        (
            "type Query { a: Int } directive @d(a: I) on INPUT_FIELD_DEFINITION | ENUM_VALUE input I { a: E @d } enum E { A @d }",
            "Directive \"@d\" cannot reference itself, directly or indirectly. (1:23)"
        ),
    ])
    func checksDirectivesAndDefaults(_ text: String, _ message: String) {
        #expect(Self.problems(text) == [message])
    }

    @Test(arguments: [
        ("type Query", "Type Query must define one or more fields. (1:1)"),
        ("type Query { a: Int } union U", "Union type U must define one or more member types. (1:23)"),
        ("type Query { a: Int } enum E", "Enum type E must define one or more values. (1:23)"),
        ("type Query { a: Int } input I", "Input Object type I must define one or more fields. (1:23)"),
        ("type Query { a: I } input I { a: Int }", "The type of Query.a must be Output Type but got: I. (1:17)"),
        ("type Query { a(b: [Query]): Int }", "The type of Query.a(b:) must be Input Type but got: [Query]. (1:19)"),
        ("type Query { a: Int } input I { a: Query! }", "The type of I.a must be Input Type but got: Query!. (1:36)"),
        (
            "type Query { a: Int } directive @d(a: Query) on FIELD",
            "The type of @d(a:) must be Input Type but got: Query. (1:39)"
        ),
        (
            "type Query { a(b: Int! @deprecated): Int }",
            "Required argument Query.a(b:) cannot be deprecated. (1:24) (1:19)"
        ),
        (
            "type Query { a: Int } union U = Int",
            "Union type U can only include Object types, it cannot include Int. (1:33)"
        ),
        (
            "type Query { a: Int } union U = Query | Query",
            "Union type U can only include type Query once. (1:33) (1:41)"
        ),
        ("type Query { a: Int } input I @oneOf { a: Int! }", "OneOf input field I.a must be nullable. (1:43)"),
        (
            "type Query { a: Int } input I @oneOf { a: Int = 1 }",
            "OneOf input field I.a cannot have a default value. (1:40)"
        ),
        (
            "type Query { a: Int } input I { a: J! } input J { b: I! }",
            "Cannot reference Input Object \"I\" within itself through a series of non-null fields: \"a.b\". (1:33) (1:51)"
        ),
        (
            "type Query { a: Int } input I { a: I = {} }",
            "Invalid circular reference. The default value of Input Object field I.a references itself. (1:40)"
        ),
        (
            "type Query { a: Int } input I { a: [J] = [{}] } input J { b: I = {} }",
            "Invalid circular reference. The default value of Input Object field I.a references itself. (1:42)"
        ),
    ])
    func checksTypes(_ text: String, _ message: String) {
        #expect(Self.problems(text) == [message])
    }

    @Test(arguments: [
        (
            "type Query implements Q { a: Int } type Q { a: Int }",
            "Type Query must only implement Interface types, it cannot implement Q. (1:23)"
        ),
        (
            "type Query { a: Int } interface I implements I { a: Int }",
            "Type I cannot implement itself because it would create a circular reference. (1:46)"
        ),
        (
            "type Query implements I & I { a: Int } interface I { a: Int }",
            "Type Query can only implement I once. (1:23) (1:27)"
        ),
        (
            "type Query implements I { a: Int } interface I implements J { a: Int } interface J { a: Int }",
            "Type Query must implement J because it is implemented by I. (1:59) (1:23)"
        ),
        (
            "type Query implements I { a: Int } interface I { b: Int }",
            "Interface field I.b expected but Query does not provide it. (1:50) (1:1)"
        ),
        (
            "type Query implements I { a: Int } interface I { a: Int! }",
            "Interface field I.a expects type Int! but Query.a is type Int. (1:53) (1:30)"
        ),
        (
            "type Query implements I { a: Int } interface I { a(b: Int): Int }",
            "Interface field argument I.a(b:) expected but Query.a does not provide it. (1:52) (1:27)"
        ),
        (
            "type Query implements I { a(b: ID): Int } interface I { a(b: Int): Int }",
            "Interface field argument I.a(b:) expects type Int but Query.a(b:) is type ID. (1:62) (1:32)"
        ),
        (
            "type Query implements I { a(b: Int!): Int } interface I { a: Int }",
            "Object field Query.a includes required argument b that is missing from the Interface field I.a. (1:29) (1:59)"
        ),
        (
            "type Query implements I { a: Int @deprecated } interface I { a: Int }",
            "Interface field I.a is not deprecated, so implementation field Query.a must not be deprecated. (1:62) (1:34)"
        ),
    ])
    func checksImplementations(_ text: String, _ message: String) {
        #expect(Self.problems(text) == [message])
    }

    @Test func findsCircularInterfaces() {
        let problems = Self.problems(
            "type Query { a: Int } interface I implements J { a: Int } interface J implements I { a: Int }")
        #expect(problems.count == 2)
        #expect(problems.allSatisfy { $0.contains("because it would create a circular reference") })
    }

    @Test func namesTheSourceOfASyntaxError() {
        let good = SDLSource(name: "good", text: "type Query { a: Int }")
        let bad = SDLSource(name: "bad", text: "type {")
        #expect(Self.problems([good, bad]) == ["Syntax Error: Expected Name, found \"{\". (in bad) (1:6)"])
        #expect(Self.problems([bad]) == ["Syntax Error: Expected Name, found \"{\". (1:6)"])
        #expect(Self.problems("{ a }") == ["An anonymous operation does not define a part of a type system. (1:1)"])
    }

    @Test(arguments: [
        "type Query { a: A } interface I { a: I } type A implements I { a: A! }",
        "type Query { a: A } interface I { a(b: Int): U } union U = A | B type A implements I { a(b: Int, c: Int = 1): B } type B { c: Int }",
        "type Query { a(i: I): Int } input I { a: I b: [I!]! = [] c: J = {d: null} } input J { d: I }",
        "type Query { a: Int } directive @d(a: I) on FIELD_DEFINITION input I { a: Int }",
        "schema { query: Q } type Q { query: Query } type Query { a: Mutation } type Mutation { b: Int }",
        "extend type Query { b: Int } type Query { a: Int }",
    ])
    func acceptsGoodSchemas(_ text: String) {
        #expect(Self.problems(text).isEmpty)
    }
}
