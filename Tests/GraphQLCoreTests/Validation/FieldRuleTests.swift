import GraphQLCore
import Testing

/// GraphQL §5.3.1 and §5.3.3: which fields there are, and which take selections.
@Suite struct FieldRuleTests {
    @Test(arguments: [
        ("{ now __typename __schema { types { name } } }", []),
        ("{ nwo }", ["Cannot query field \"nwo\" on type \"Query\". Did you mean \"now\"? (1:3)"]),
        ("{ zzzzzz }", ["Cannot query field \"zzzzzz\" on type \"Query\". (1:3)"]),
        (
            "{ node(id: 1) { crew } }",
            [
                "Cannot query field \"crew\" on type \"Node\". Did you mean to use an inline fragment on \"Boat\" or \"Ship\"? (1:17)"
            ]
        ),
        (
            "{ node(id: 1) { length } }",
            [
                "Cannot query field \"length\" on type \"Node\". Did you mean to use an inline fragment on \"Vessel\", "
                    + "\"Boat\", or \"Ship\"? (1:17)"
            ]
        ),
        ("{ search { ids } }", ["Cannot query field \"ids\" on type \"Found\". (1:12)"]),
        ("{ nothing { at { all } } }", ["Cannot query field \"nothing\" on type \"Query\". (1:3)"]),
        ("{ ... on Nope { a } }", []),
        ("mutation { __schema { types { name } } }", ["Cannot query field \"__schema\" on type \"Mutation\". (1:12)"]),
    ])
    func fieldsOnCorrectType(_ text: String, _ messages: [String]) throws {
        #expect(try Harbour.messages("FieldsOnCorrectTypeRule", text) == messages)
    }

    @Test(arguments: [
        ("{ now node(id: 1) { id } }", []),
        ("{ now { x } }", ["Field \"now\" must not have a selection since type \"Int\" has no subfields. (1:7)"]),
        (
            "{ search }",
            [
                "Field \"search\" of type \"[Found!]!\" must have a selection of subfields. Did you mean \"search { ... }\"? (1:3)"
            ]
        ),
    ])
    func scalarLeafs(_ text: String, _ messages: [String]) throws {
        #expect(try Harbour.messages("ScalarLeafsRule", text) == messages)
    }
}
