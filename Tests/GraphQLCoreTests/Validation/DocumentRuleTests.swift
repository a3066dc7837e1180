import GraphQLCore
import Testing

/// GraphQL §5.1 and §5.2: definitions and operations.
@Suite struct DocumentRuleTests {
    @Test(arguments: [
        ("{ now } type T { a: Int }", ["The \"T\" definition is not executable. (1:9)"]),
        ("{ now } schema { query: Q }", ["The schema definition is not executable. (1:9)"]),
        ("{ now } directive @d on FIELD", ["The \"d\" definition is not executable. (1:9)"]),
        ("{ now }", []),
    ])
    func executableDefinitions(_ text: String, _ messages: [String]) throws {
        #expect(try Harbour.messages("ExecutableDefinitionsRule", text) == messages)
    }

    @Test func operationTypes() throws {
        let schema = try Schema(sdl: "type Query { a: Int }")
        func messages(_ text: String) throws -> [String] {
            validate(try Parser.parseDocument(text), schema: schema).map(\.description)
        }
        #expect(try messages("mutation { a }") == ["The mutation operation is not supported by the schema. (1:1)"])
        #expect(
            try messages("subscription { a }") == ["The subscription operation is not supported by the schema. (1:1)"])
        #expect(try messages("{ a }").isEmpty)
    }

    @Test(arguments: [
        ("query A { now } query A { now }", ["There can be only one operation named \"A\". (1:7) (1:23)"]),
        ("query A { now } mutation A { remove(id: 1) }", ["There can be only one operation named \"A\". (1:7) (1:26)"]),
        ("query A { ...A } fragment A on Query { now }", []),
    ])
    func uniqueOperationNames(_ text: String, _ messages: [String]) throws {
        #expect(try Harbour.messages("UniqueOperationNamesRule", text) == messages)
    }

    @Test(arguments: [
        ("{ now }", []), ("{ now } fragment F on Query { now }", []),
        ("{ now } query A { now }", ["This anonymous operation must be the only defined operation. (1:1)"]),
    ])
    func loneAnonymousOperation(_ text: String, _ messages: [String]) throws {
        #expect(try Harbour.messages("LoneAnonymousOperationRule", text) == messages)
    }

    private static let conditions = "must not use \"@skip\" or \"@include\" directives in the top level selection."

    @Test(arguments: [
        ("subscription S { tick }", []), ("subscription S { tick tick }", []),
        ("subscription S { tick a: tick }", ["Subscription \"S\" must select only one top level field. (1:23)"]),
        (
            "subscription { tick a: tick b: tick }",
            ["Anonymous Subscription must select only one top level field. (1:21) (1:29)"]
        ),
        (
            "subscription { ...F } fragment F on Subscription { tick ...G } fragment G on Subscription { a: tick ...F }",
            ["Anonymous Subscription must select only one top level field. (1:93)"]
        ),
        (
            "subscription { ... on Subscription { tick } ... { a: tick } }",
            ["Anonymous Subscription must select only one top level field. (1:51)"]
        ),
        (
            "subscription { __typename }",
            ["Anonymous Subscription must not select an introspection top level field. (1:16)"]
        ),
        (
            "subscription { a: __typename }",
            ["Anonymous Subscription must not select an introspection top level field. (1:16)"]
        ),
        (
            "subscription { ...F } fragment F on Subscription { __typename }",
            ["Anonymous Subscription must not select an introspection top level field. (1:52)"]
        ),
        ("subscription { tick @skip(if: false) }", ["Anonymous Subscription \(conditions) (1:21)"]),
        ("subscription { ... @include(if: true) { tick } }", ["Anonymous Subscription \(conditions) (1:20)"]),
        (
            "subscription S { ...F } fragment F on Subscription { tick @skip(if: false) }",
            ["Subscription \"S\" \(conditions) (1:59)"]
        ),
        ("subscription { moved(id: 1) { id @skip(if: false) } }", []),
        ("subscription { ...F tick } fragment F on Ship { id name } ", []), ("subscription { ...Missing tick }", []),
    ])
    func singleFieldSubscriptions(_ text: String, _ messages: [String]) throws {
        #expect(try Harbour.messages("SingleFieldSubscriptionsRule", text) == messages)
    }
}
