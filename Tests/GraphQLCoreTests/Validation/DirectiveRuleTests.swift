import GraphQLCore
import Testing

/// GraphQL §5.7: directives.
@Suite struct DirectiveRuleTests {
    @Test(arguments: [
        ("KnownDirectivesRule", "query @onQuery { now @onField @skip(if: true) }", []),
        ("KnownDirectivesRule", "{ now @nope }", ["Unknown directive \"@nope\". (1:7)"]),
        (
            "KnownDirectivesRule", "query @onField { now @onQuery }",
            [
                "Directive \"@onField\" may not be used on QUERY. (1:7)",
                "Directive \"@onQuery\" may not be used on FIELD. (1:22)",
            ]
        ),
        (
            "KnownDirectivesRule", "mutation @onQuery { remove(id: 1) }",
            ["Directive \"@onQuery\" may not be used on MUTATION. (1:10)"]
        ),
        (
            "KnownDirectivesRule", "subscription @onQuery { tick }",
            ["Directive \"@onQuery\" may not be used on SUBSCRIPTION. (1:14)"]
        ),
        (
            "KnownDirectivesRule",
            "query ($a: Int @onField) { ...F @onField ... @onField { now } } fragment F on Query @onField { now }",
            [
                "Directive \"@onField\" may not be used on VARIABLE_DEFINITION. (1:16)",
                "Directive \"@onField\" may not be used on FRAGMENT_SPREAD. (1:33)",
                "Directive \"@onField\" may not be used on INLINE_FRAGMENT. (1:46)",
                "Directive \"@onField\" may not be used on FRAGMENT_DEFINITION. (1:85)",
            ]
        ),
        (
            "UniqueDirectivesPerLocationRule", "{ now @onField @onField }",
            ["The directive \"@onField\" can only be used once at this location. (1:7) (1:16)"]
        ),
        (
            "UniqueDirectivesPerLocationRule",
            "{ now @tag(name: \"a\") @tag(name: \"b\") @nope @nope me: now @onField }", []
        ),
    ])
    func reports(_ rule: String, _ text: String, _ messages: [String]) throws {
        #expect(try Harbour.messages(rule, text) == messages)
    }
}
