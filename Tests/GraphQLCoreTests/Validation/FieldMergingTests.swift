import GraphQLCore
import Testing

/// GraphQL §5.3.2: fields that meet in one response object.
@Suite struct FieldMergingTests {
    private static func conflict(_ name: String, _ reason: String, _ places: String) -> String {
        "Fields \"\(name)\" conflict because \(reason). "
            + "Use different aliases on the fields to fetch both if this was intentional. \(places)"
    }

    private static func messages(_ text: String) throws -> [String] {
        try Harbour.messages("OverlappingFieldsCanBeMergedRule", text)
    }

    @Test(arguments: [
        "{ now now a: now a: now }",
        "{ echo(int: 1, any: {a: 1, b: 2}) echo(any: {b: 2, a: 1}, int: 1) }",
        "{ now @skip(if: true) now @include(if: false) }",
        "{ node(id: 1) { ... on Ship { x: name } ... on Person { y: id } } }",
        "{ node(id: 1) { ... on Boat { x: name(short: true) } ... on Ship { y: id } } }",
        "{ node(id: 1) { ... on Boat { x: name } ... on Boat { x: name } ... on Vessel { x: name } } }",
        "{ node(id: 1) { ... on Ship { x: length(unit: FOOT) } ... on Boat { x: length } } }",
        "{ node(id: 1) { ... on Boat { x: crew { id } } ... on Person { x: boss { id } } } }",
        "{ a: nothing a: nothing }",
        "{ ...F ...F } fragment F on Query { now }",
        "{ node(id: 1) { ... on Ship { x: __typename } ... on Boat { x: __typename } } }",
    ])
    func merges(_ text: String) throws {
        #expect(try Self.messages(text).isEmpty)
    }

    @Test func tellsFieldsApart() throws {
        #expect(
            try Self.messages("{ a: now a: echo }") == [
                Self.conflict("a", "\"now\" and \"echo\" are different fields", "(1:3) (1:10)")
            ])
        #expect(
            try Self.messages("{ echo(int: 1) echo }") == [
                Self.conflict("echo", "they have differing arguments", "(1:3) (1:16)")
            ])
        #expect(try Self.messages("{ echo(string: \"\\u00e9\") echo(string: \"e\\u0301\") }").count == 1)
    }

    @Test func tellsShapesApart() throws {
        #expect(
            try Self.messages("{ node(id: 1) { ... on Ship { x: state } ... on Boat { x: state } } }") == [
                Self.conflict("x", "they return conflicting types \"Unit\" and \"String\"", "(1:31) (1:56)")
            ])
        #expect(
            try Self.messages("{ node(id: 1) { ... on Ship { crew(first: 1) { id } } ... on Boat { crew { id } } } }")
                == [
                    Self.conflict("crew", "they return conflicting types \"[Person!]\" and \"Person\"", "(1:31) (1:69)")
                ])
        #expect(
            try Self.messages("{ node(id: 1) { ... on Ship { x: name } ... on Boat { x: name } } }") == [
                Self.conflict("x", "they return conflicting types \"String!\" and \"String\"", "(1:31) (1:55)")
            ])
        // The type of a meta-field counts, too.
        #expect(
            try Self.messages("{ node(id: 1) { ... on Ship { x: __typename } ... on Boat { x: crew { id } } } }").count
                == 1)
    }

    @Test func looksIntoSelections() throws {
        #expect(
            try Self.messages("{ node(id: 1) { x: id } node(id: 1) { x: __typename } }") == [
                Self.conflict(
                    "node", "subfields \"x\" conflict because \"id\" and \"__typename\" are different fields",
                    "(1:3) (1:17) (1:25) (1:39)")
            ])
        let deep =
            "{ v: vessel { ... on Boat { crew { x: boss { id } } } } v: vessel { ... on Boat { crew { x: ships { id } } } } }"
        #expect(try Self.messages(deep).count == 1)
    }

    @Test func looksThroughFragments() throws {
        #expect(
            try Self.messages("{ ...F ...G } fragment F on Query { a: now } fragment G on Query { a: echo }") == [
                Self.conflict("a", "\"now\" and \"echo\" are different fields", "(1:37) (1:68)")
            ])
        #expect(
            try Self.messages("{ a: now ...F } fragment F on Query { ...G } fragment G on Query { a: echo }").count == 1
        )
        #expect(try Self.messages("{ now } fragment F on Query { a: now a: echo }").count == 1)
        #expect(try Self.messages("{ ...F } fragment F on Query { ...F a: now a: echo }").count == 1)
    }

    /// The same two fragments meet with different fields; both meetings count.
    @Test func remembersComparisonsByTheirFields() throws {
        let text = """
            { search { ... on Ship { ...F1 ...F2 } ... on Node { ...F3 name: id } } }
            fragment F3 on Person { ...F0 }
            fragment F0 on Node { ...F1 }
            fragment F1 on Ship { name }
            fragment F2 on Ship { length }
            """
        #expect(try !Self.messages(text).isEmpty)
    }

    /// Ever new combinations of fields at each level: the check gives up, but says so.
    @Test func givesUpOnExponentialDocuments() throws {
        var text = "{ node(id: 1) { ... on Person { boss { ...F0 } } } }\n"
        for level in 0..<24 {
            text +=
                "fragment F\(level) on Person { a: boss { ...F\(level + 1) ...L\(level) } b: boss { ...F\(level + 1) ...R\(level) } }\n"
            for side in ["L", "R"] {
                text +=
                    "fragment \(side)\(level) on Person { a: boss { ...\(side)\(level)x } b: boss { ...\(side)\(level)x } }\n"
                text +=
                    "fragment \(side)\(level)x on Person { a: boss { id ...\(side)\(level)y } b: boss { id ...\(side)\(level)y } }\n"
                text +=
                    "fragment \(side)\(level)y on Person { a: boss { a: boss { id } } b: boss { b: boss { id } } }\n"
            }
        }
        text += "fragment F24 on Person { id }"
        let clock = ContinuousClock()
        let start = clock.now
        _ = try Self.messages(text)
        #expect(clock.now - start < .seconds(20))
    }
}
