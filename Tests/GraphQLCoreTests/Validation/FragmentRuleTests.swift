import GraphQLCore
import Testing

/// GraphQL §5.5: fragments.
@Suite struct FragmentRuleTests {
    @Test(arguments: [
        (
            "UniqueFragmentNamesRule", "{ ...A } fragment A on Query { now } fragment A on Query { now }",
            ["There can be only one fragment named \"A\". (1:19) (1:47)"]
        ),
        ("KnownFragmentNamesRule", "{ ...A }", ["Unknown fragment \"A\". (1:6)"]),
        (
            "NoUnusedFragmentsRule", "{ now } fragment A on Query { ...B } fragment B on Query { now }",
            ["Fragment \"A\" is never used. (1:9)", "Fragment \"B\" is never used. (1:38)"]
        ),
        ("NoUnusedFragmentsRule", "{ ...A } fragment A on Query { ...B } fragment B on Query { now }", []),
        (
            "KnownTypeNamesRule", "query ($a: Nope) { ... on Ships { a } } fragment F on Unti { a }",
            [
                "Unknown type \"Nope\". Did you mean \"Node\"? (1:12)",
                "Unknown type \"Ships\". Did you mean \"Ship\"? (1:27)",
                "Unknown type \"Unti\". Did you mean \"Unit\" or \"Int\"? (1:55)",
            ]
        ),
        ("KnownTypeNamesRule", "query ($a: [Filter!]) { ... on Ship { id } }", []),
        (
            "FragmentsOnCompositeTypesRule", "{ ... on Unit { a } }",
            ["Fragment cannot condition on non composite type \"Unit\". (1:10)"]
        ),
        (
            "FragmentsOnCompositeTypesRule", "{ ...F } fragment F on Ref { id }",
            ["Fragment \"F\" cannot condition on non composite type \"Ref\". (1:24)"]
        ),
        ("FragmentsOnCompositeTypesRule", "{ ... { now } ... on Found { a } ... on Node { id } }", []),
        (
            "PossibleFragmentSpreadsRule", "{ ... on Ship { id } }",
            ["Fragment cannot be spread here as objects of type \"Query\" can never be of type \"Ship\". (1:3)"]
        ),
        (
            "PossibleFragmentSpreadsRule", "{ search { ...F } } fragment F on Boat { id }",
            ["Fragment \"F\" cannot be spread here as objects of type \"Found\" can never be of type \"Boat\". (1:12)"]
        ),
        (
            "PossibleFragmentSpreadsRule",
            "{ search { ... on Vessel { id } ... on Node { id } ... on Found { __typename } ... { __typename } } }", []
        ),
        (
            "NoFragmentCyclesRule", "{ ...A } fragment A on Query { ...A }",
            ["Cannot spread fragment \"A\" within itself. (1:32)"]
        ),
        (
            "NoFragmentCyclesRule",
            "{ ...A } fragment A on Query { ...B } fragment B on Query { ...C } fragment C on Query { ...A }",
            ["Cannot spread fragment \"A\" within itself via \"B\", \"C\". (1:32) (1:61) (1:90)"]
        ),
        (
            "NoFragmentCyclesRule",
            "{ ...A } fragment A on Query { ...B ...C } fragment B on Query { now } fragment C on Query { ...B ...Missing }",
            []
        ),
    ])
    func reports(_ rule: String, _ text: String, _ messages: [String]) throws {
        #expect(try Harbour.messages(rule, text) == messages)
    }

    @Test func findsEachCycleOnce() throws {
        let text =
            "{ ...A } fragment A on Query { ...B } fragment B on Query { ...B ...C } fragment C on Query { ...A ...B }"
        #expect(try Harbour.messages("NoFragmentCyclesRule", text).count == 3)
    }
}
