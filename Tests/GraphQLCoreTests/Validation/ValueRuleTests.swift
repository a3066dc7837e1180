import GraphQLCore
import Testing

/// GraphQL §5.4 and §5.6: arguments and literals.
@Suite struct ValueRuleTests {
    @Test(arguments: [
        ("KnownArgumentNamesRule", "{ now(x: 1) }", ["Unknown argument \"x\" on field \"Query.now\". (1:7)"]),
        (
            "KnownArgumentNamesRule", "{ echo(itn: 1) }",
            ["Unknown argument \"itn\" on field \"Query.echo\". Did you mean \"int\" or \"id\"? (1:8)"]
        ),
        (
            "KnownArgumentNamesRule", "{ now @tag(nmae: \"x\") }",
            ["Unknown argument \"nmae\" on directive \"@tag\". Did you mean \"name\"? (1:12)"]
        ),
        ("KnownArgumentNamesRule", "{ nothing(x: 1) now @nothing(x: 1) }", []),
        (
            "UniqueArgumentNamesRule", "{ echo(int: 1, int: 2) }",
            ["There can be only one argument named \"int\". (1:8) (1:16)"]
        ),
        (
            "UniqueArgumentNamesRule", "{ now @skip(if: true, if: false, if: true) }",
            ["There can be only one argument named \"if\". (1:13) (1:23) (1:34)"]
        ),
        (
            "ProvidedRequiredArgumentsRule", "{ node { id } search { __typename } }",
            ["Field \"node\" argument \"id\" of type \"ID!\" is required, but it was not provided. (1:3)"]
        ),
        (
            "ProvidedRequiredArgumentsRule", "{ now @skip @nothing }",
            ["Directive \"@skip\" argument \"if\" of type \"Boolean!\" is required, but it was not provided. (1:7)"]
        ),
        (
            "UniqueInputFieldNamesRule", "{ echo(any: [{a: 1, a: 2, b: {c: 1, c: 2}}]) }",
            [
                "There can be only one input field named \"a\". (1:15) (1:21)",
                "There can be only one input field named \"c\". (1:31) (1:37)",
            ]
        ),
    ])
    func arguments(_ rule: String, _ text: String, _ messages: [String]) throws {
        #expect(try Harbour.messages(rule, text) == messages)
    }

    @Test(arguments: [
        ("int: 1", []), ("int: null", []), ("int: -2147483648", []), ("float: 1", []), ("float: 1.5e3", []),
        ("id: 1", []),
        ("id: \"x\"", []), ("string: \"\"\"x\"\"\"", []), ("boolean: true", []), ("unit: FOOT", []),
        ("any: {a: [B, 1.5]}", []),
        ("int: 2147483648", ["Int cannot represent non 32-bit signed integer value: 2147483648"]),
        ("int: \"1\"", ["Int cannot represent non-integer value: \"1\""]),
        ("int: 1.0", ["Int cannot represent non-integer value: 1.0"]),
        ("int: [1]", ["Int cannot represent non-integer value: [1]"]),
        ("int: {a: 1}", ["Int cannot represent non-integer value: {a: 1}"]),
        ("float: \"1\"", ["Float cannot represent non numeric value: \"1\""]),
        ("float: 1e999", ["Float cannot represent non finite value: 1e999"]),
        ("string: 1", ["String cannot represent a non string value: 1"]),
        ("boolean: 1", ["Boolean cannot represent a non boolean value: 1"]),
        ("id: 1.5", ["ID cannot represent a non-string and non-integer value: 1.5"]),
        ("unit: FOTO", ["Value \"FOTO\" does not exist in \"Unit\" enum. Did you mean the enum value \"FOOT\"?"]),
        (
            "unit: \"FOOT\"",
            ["Enum \"Unit\" cannot represent non-enum value: \"FOOT\". Did you mean the enum value \"FOOT\"?"]
        ),
        ("unit: 12345678", ["Enum \"Unit\" cannot represent non-enum value: 12345678."]),
    ])
    func scalars(_ argument: String, _ messages: [String]) throws {
        #expect(
            try Harbour.messages("ValuesOfCorrectTypeRule", "{ echo(\(argument)) }")
                == messages.map { $0 + " (1:\(10 + argument.prefix { $0 != ":" }.count))" })
    }

    @Test(arguments: [
        ("{ matrix(rows: 1) a: matrix(rows: [1]) b: matrix(rows: [[1], 2]) }", []),
        ("{ matrix(rows: null) }", ["Expected value of type \"[[Int!]!]!\", found null. (1:16)"]),
        ("{ matrix(rows: [null]) }", ["Expected value of type \"[Int!]!\", found null. (1:17)"]),
        (
            "{ matrix(rows: [[null, \"x\"]]) }",
            [
                "Expected value of type \"Int!\", found null. (1:18)",
                "Int cannot represent non-integer value: \"x\" (1:24)",
            ]
        ),
        ("{ search(filter: {bounds: {high: 1}, not: {not: {}}, any: [1]}) { __typename } }", []),
        (
            "{ search(filter: {bounds: {}}) { __typename } }",
            ["Field \"Bounds.high\" of required type \"Float!\" was not provided. (1:27)"]
        ),
        (
            "{ search(filter: {lables: 1}) { __typename } }",
            ["Field \"lables\" is not defined by type \"Filter\". Did you mean \"labels\"? (1:19)"]
        ),
        ("{ search(filter: 1) { __typename } }", ["Expected value of type \"Filter\", found 1. (1:18)"]),
        ("{ search(filter: [{}]) { __typename } }", ["Expected value of type \"Filter\", found [{}]. (1:18)"]),
        ("{ vessel(ref: {id: 1}) { id } }", []),
        ("{ vessel(ref: {}) { id } }", ["OneOf Input Object \"Ref\" must specify exactly one key. (1:15)"]),
        (
            "{ vessel(ref: {id: 1, name: \"x\"}) { id } }",
            ["OneOf Input Object \"Ref\" must specify exactly one key. (1:15)"]
        ),
        ("{ vessel(ref: {id: null}) { id } }", ["Field \"Ref.id\" must be non-null. (1:15)"]),
        (
            "query ($a: Int = \"x\", $b: [Int!] = [1, null]) { echo(int: $a) }",
            [
                "Int cannot represent non-integer value: \"x\" (1:18)",
                "Expected value of type \"Int!\", found null. (1:40)",
            ]
        ),
        ("query ($a: Ship = {x: 1}, $b: Nope = 1) { now }", []),
    ])
    func objectsAndLists(_ text: String, _ messages: [String]) throws {
        #expect(try Harbour.messages("ValuesOfCorrectTypeRule", text) == messages)
    }
}
