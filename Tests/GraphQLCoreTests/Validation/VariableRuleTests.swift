import GraphQLCore
import Testing

/// GraphQL §5.8: variables.
@Suite struct VariableRuleTests {
    @Test(arguments: [
        (
            "UniqueVariableNamesRule", "query ($a: Int, $b: Int, $a: Int) { echo(int: $a) }",
            ["There can be only one variable named \"$a\". (1:9) (1:27)"]
        ),
        (
            "VariablesAreInputTypesRule", "query ($a: Ship!, $b: [Filter], $c: Nope) { now }",
            ["Variable \"$a\" cannot be non-input type \"Ship!\". (1:12)"]
        ),
        ("NoUndefinedVariablesRule", "{ echo(int: $a) }", ["Variable \"$a\" is not defined. (1:13) (1:1)"]),
        (
            "NoUndefinedVariablesRule", "query Q { ...F } fragment F on Query { echo(any: [{a: $a}]) @tag(name: $b) }",
            [
                "Variable \"$a\" is not defined by operation \"Q\". (1:55) (1:1)",
                "Variable \"$b\" is not defined by operation \"Q\". (1:72) (1:1)",
            ]
        ),
        (
            "NoUndefinedVariablesRule",
            "query Q($a: Int) { ...F } fragment F on Query { ...G } fragment G on Query { echo(int: $a) ...F }", []
        ),
        ("NoUnusedVariablesRule", "query ($a: Int) { now }", ["Variable \"$a\" is never used. (1:8)"]),
        (
            "NoUnusedVariablesRule",
            "query Q($a: Int, $b: String!) { ...F } fragment F on Query { now @tag(name: $b) }",
            ["Variable \"$a\" is never used in operation \"Q\". (1:9)"]
        ),
    ])
    func reports(_ rule: String, _ text: String, _ messages: [String]) throws {
        #expect(try Harbour.messages(rule, text) == messages)
    }

    @Test(arguments: [
        ("Int", "echo(int: $a)", true), ("Int!", "echo(int: $a)", true), ("String", "echo(int: $a)", false),
        ("Int", "echo(float: $a)", false), ("ID", "node(id: $a) { id }", false), ("ID!", "node(id: $a) { id }", true),
        ("ID = 1", "node(id: $a) { id }", true), ("ID = null", "node(id: $a) { id }", false),
        ("Int", "search(limit: $a) { __typename }", true), ("String", "search(limit: $a) { __typename }", false),
        ("[Int!]", "matrix(rows: [$a])", false), ("[Int!]!", "matrix(rows: [$a])", true),
        ("Int!", "matrix(rows: [[$a]])", true),
        ("Int", "matrix(rows: [[$a]])", false), ("[[Int!]!]!", "matrix(rows: $a)", true),
        ("[[Int]!]!", "matrix(rows: $a)", false),
        ("Int!", "matrix(rows: $a)", false), ("[Unit!]", "search(units: $a) { __typename }", true),
        ("[Unit]", "search(units: $a) { __typename }", false), ("Unit!", "search(units: [$a]) { __typename }", true),
        ("Float", "search(filter: {bounds: {low: $a, high: 1}}) { __typename }", true),
        ("Float", "search(filter: {bounds: {high: $a}}) { __typename }", false),
        ("Nope", "echo(int: $a)", true), ("Int", "echo(any: {x: [$a]})", true), ("Int", "nothing(x: $a)", true),
        ("Boolean", "now @skip(if: $a)", false), ("Int", "echo(int: [$a])", true),
    ])
    func allowedPositions(_ type: String, _ field: String, _ isAllowed: Bool) throws {
        let messages = try Harbour.messages("VariablesInAllowedPositionRule", "query ($a: \(type)) { \(field) }")
        #expect(messages.isEmpty == isAllowed, "\(messages)")
    }

    @Test func namesBothTypes() throws {
        #expect(
            try Harbour.messages("VariablesInAllowedPositionRule", "query ($a: ID) { node(id: $a) { id } }") == [
                "Variable \"$a\" of type \"ID\" used in position expecting type \"ID!\". (1:8) (1:27)"
            ])
    }

    @Test func wantsNonNullVariablesInOneOf() throws {
        let rule = "VariablesInAllowedPositionRule"
        #expect(try Harbour.messages(rule, "query ($a: ID!) { vessel(ref: {id: $a}) { id } }").isEmpty)
        #expect(
            try Harbour.messages(
                rule, "query ($a: ID = 1) { ...F } fragment F on Query { vessel(ref: {id: $a}) { id } }") == [
                    "Variable \"$a\" is of type \"ID\" but must be non-nullable to be used for OneOf Input Object \"Ref\". (1:8) (1:68)"
                ])
    }
}
