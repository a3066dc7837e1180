import GraphQLCore
import Testing

@Suite struct ObjectTests {
    static let sdl = """
        type Query { pet: Pet, pets: [Pet], self: Query, name: String, count: Int }
        type Pet { name: String, age: Int, owner: Person, friend: Pet }
        type Person { name: String, pet: Pet }
        """

    static let engine = Result {
        let pet: ResolvedValue = ["name": "Rex", "age": 3, "owner": ["name": "Ann", "pet": ["name": "Rex"]]]
        return try GraphQLEngine.make(
            Self.sdl, root: ["pet": pet, "pets": [pet, pet], "self": [:], "name": "root", "count": 2])
    }

    @Test(
        arguments: [
            ("{ name count }", #"{"data":{"name":"root","count":2}}"#),
            ("{ count name }", #"{"data":{"count":2,"name":"root"}}"#),
            ("{ a: name b: name }", #"{"data":{"a":"root","b":"root"}}"#),
            ("{ name name name }", #"{"data":{"name":"root"}}"#),
            (
                "{ __typename pet { __typename t: __typename } }",
                #"{"data":{"__typename":"Query","pet":{"__typename":"Pet","t":"Pet"}}}"#
            ),
            (
                "{ pet { name } pet { age name } name pet { owner { name } } }",
                #"{"data":{"pet":{"name":"Rex","age":3,"owner":{"name":"Ann"}},"name":"root"}}"#
            ),
            ("{ pet { friend { name } } }", #"{"data":{"pet":{"friend":null}}}"#),
            ("{ pets { age } }", #"{"data":{"pets":[{"age":3},{"age":3}]}}"#),
            (
                "{ ...A name } fragment A on Query { count ...B } fragment B on Query { pet { ...C } } fragment C on Pet { age }",
                #"{"data":{"count":2,"pet":{"age":3},"name":"root"}}"#
            ),
            ("{ ...A ...A name ...A } fragment A on Query { count }", #"{"data":{"count":2,"name":"root"}}"#),
            ("{ ... { count } ... on Query { name } }", #"{"data":{"count":2,"name":"root"}}"#),
            (
                "{ pet { owner { pet { name } name } ...C } } fragment C on Pet { owner { name pet { age } } }",
                #"{"data":{"pet":{"owner":{"pet":{"name":"Rex","age":null},"name":"Ann"}}}}"#
            ),
            ("{ name @skip(if: true) count }", #"{"data":{"count":2}}"#),
            ("{ name @skip(if: false) count @include(if: false) }", #"{"data":{"name":"root"}}"#),
            ("{ name @skip(if: true) @include(if: true) count }", #"{"data":{"count":2}}"#),
            ("{ name @skip(if: false) @include(if: false) count }", #"{"data":{"count":2}}"#),
            ("{ name @skip(if: true) }", #"{"data":{}}"#),
            ("{ pet { name @skip(if: true) } }", #"{"data":{"pet":{}}}"#),
            (
                "{ ... @skip(if: true) { name } ...A @include(if: false) count } fragment A on Query { pet { age } }",
                #"{"data":{"count":2}}"#
            ),
            ("{ ...A @skip(if: true) ...A } fragment A on Query { count }", #"{"data":{"count":2}}"#),
        ] as [(String, String)])
    func writesFieldsInOrder(query: String, response: String) async throws {
        #expect(try await Self.engine.get().respond(query) == response)
    }

    @Test(arguments: [
        (true, true, #"{"data":{"a":"root","count":2,"name":"root"}}"#),
        (true, false, #"{"data":{"a":"root","name":"root","count":2}}"#),
        (false, true, #"{"data":{"count":2,"name":"root"}}"#),
        (false, false, #"{"data":{"name":"root","count":2}}"#),
    ])
    func conditionsDecideFieldsAndOrder(first: Bool, second: Bool, response: String) async throws {
        let query = """
            query ($first: Boolean!, $second: Boolean = false) {
              a: name @include(if: $first)
              count @include(if: $second)
              name
              ...A @skip(if: $second)
            }
            fragment A on Query { count }
            """
        let variables: JSONObject = ["first": .bool(first), "second": .bool(second)]
        #expect(try await Self.engine.get().respond(query, variables: variables) == response)
    }

    @Test func nullConditionFailsTheObjectAround() async throws {
        let query = "query ($c: Boolean = true) { name pet { age @include(if: $c) } }"
        let error = #"{"message":"Argument \"if\" of non-null type \"Boolean!\" must not be null.","#
        let inner = try await Self.engine.get().respond(query, variables: ["c": nil])
        #expect(
            inner == #"{"errors":["# + error + #""locations":[{"line":1,"column":58}],"path":["pet"]}],"#
                + #""data":{"name":"root","pet":null}}"#)
        let root = try await Self.engine.get().respond(
            "query ($c: Boolean = true) { name @skip(if: $c) }", variables: ["c": nil])
        #expect(root == #"{"errors":["# + error + #""locations":[{"line":1,"column":45}]}],"data":null}"#)
    }

    @Test func manyConditionsGiveTheRightPlans() async throws {
        // More combinations than are kept.
        let names = ["a", "b", "c", "d", "e", "f"]
        let query =
            "query (" + names.map { "$\($0): Boolean!" }.joined(separator: " ") + ") {"
            + names.map { " \($0): count @include(if: $\($0))" }.joined() + " }"
        for round in 0..<2 {
            for bits in 0..<64 {
                var variables = JSONObject()
                var expected = JSONObject()
                for (place, name) in names.enumerated() {
                    let holds = bits >> place & 1 == 1
                    variables[name] = .bool(holds)
                    if holds { expected[name] = 2 }
                }
                let response = try await Self.engine.get().respond(query, variables: variables)
                #expect(response == JSONValue.object(["data": .object(expected)]).text, "round \(round)")
            }
        }
    }

    @Test func readsRecordsObjectsAndJSON() async throws {
        struct Animal: ResolvedObject {
            func field(_ name: String) -> ResolvedValue? { name == "age" ? 7 : name == "name" ? "Tom" : nil }
        }
        let fields = (0..<20).map { ("f\($0)", ResolvedValue.int(Int64($0))) }
        let engine = try GraphQLEngine.make(
            """
            type Query { object: Pet, json: Pet, wide: Wide, wideJSON: Wide, listOfJSON: [Pet!], scalar: Pet }
            type Pet { name: String, age: Int, owner: Pet }
            type Wide { f0: Int f5: Int f19: Int f20: Int }
            """,
            root: .record(
                Record(fields: [
                    ("object", .object(Animal())),
                    ("json", .json(["name": "Tom", "age": 7, "owner": ["age": 1]])),
                    ("wide", .record(Record(fields: fields))),
                    ("wideJSON", .json(["f19": 19, "f0": 0, "f5": nil])),
                    ("listOfJSON", .json([["age": 1], ["age": 2]])),
                    ("scalar", 1),
                ])))
        #expect(
            await engine.respond("{ object { age name owner { age } } }")
                == #"{"data":{"object":{"age":7,"name":"Tom","owner":null}}}"#)
        #expect(
            await engine.respond("{ json { age name owner { name age } } }")
                == #"{"data":{"json":{"age":7,"name":"Tom","owner":{"name":null,"age":1}}}}"#)
        #expect(
            await engine.respond("{ wide { f19 f0 f5 f20 again: f0 } wideJSON { f0 f5 f19 f20 } }")
                == #"{"data":{"wide":{"f19":19,"f0":0,"f5":5,"f20":null,"again":0},"#
                + #""wideJSON":{"f0":0,"f5":null,"f19":19,"f20":null}}}"#)
        #expect(await engine.respond("{ listOfJSON { age } }") == #"{"data":{"listOfJSON":[{"age":1},{"age":2}]}}"#)
        #expect(
            await engine.respond("{ scalar { age } }")
                == #"{"errors":[{"message":"Expected value of type \"Pet\" but got: 1.","#
                + #""locations":[{"line":1,"column":3}],"path":["scalar"]}],"data":{"scalar":null}}"#)
    }
}
