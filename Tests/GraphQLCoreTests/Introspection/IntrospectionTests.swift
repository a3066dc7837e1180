import GraphQLCore
import Testing

@Suite struct IntrospectionTests {
    static let sdl = """
        "All of it"
        schema { query: Root, mutation: Change }
        "The root"
        type Root {
          "One pet"
          pet(
            "Which"
            id: ID! = "a", filter: Filter = {colors: [RED], text: \"\"\"x "y\"\"\"}, old: Int @deprecated(reason: "new")
          ): Pet
          old: Int @deprecated
          list: [[Int!]]!
        }
        type Change { set(limit: Int = 5): Boolean }
        interface Node { id: ID }
        interface Pet implements Node { id: ID, name: String }
        type Dog implements Pet & Node { id: ID, name: String }
        type Cat implements Pet & Node { id: ID, name: String }
        union Any = Cat | Dog
        enum Color { RED, "Sky" BLUE @deprecated(reason: "grey"), KELVIN }
        input Filter { colors: [Color!]! = [BLUE], text: String, old: Int @deprecated }
        input Choice @oneOf { a: Int, b: Int }
        scalar URL @specifiedBy(url: "https://url.spec.whatwg.org")
        directive @tag(name: String!, old: Int @deprecated) repeatable on FIELD_DEFINITION | OBJECT
        """

    static func engine(_ options: EngineOptions = .init()) throws -> GraphQLEngine {
        try GraphQLEngine.make(Self.sdl, options: options) { resolvers in
            for field in ["pet", "old", "list"] {
                resolvers.field("Root", field) { _ in .null }
            }
            resolvers.field("Change", "set") { _ in .null }
        }
    }

    @Test(
        arguments: [
            (
                "{ __schema { description queryType { name } mutationType { name } subscriptionType { name } } }",
                #"{"__schema":{"description":"All of it","queryType":{"name":"Root"},"mutationType":{"name":"Change"},"subscriptionType":null}}"#
            ),
            (
                #"{ __type(name: "Root") { kind name description fields { name description isDeprecated } interfaces { name } } }"#,
                #"{"__type":{"kind":"OBJECT","name":"Root","description":"The root","fields":[{"name":"pet","description":"One pet","#
                    + #""isDeprecated":false},{"name":"list","description":null,"isDeprecated":false}],"interfaces":[]}}"#
            ),
            (
                #"{ __type(name: "Root") { fields(includeDeprecated: true) { name isDeprecated deprecationReason } } }"#,
                #"{"__type":{"fields":[{"name":"pet","isDeprecated":false,"deprecationReason":null},"#
                    + #"{"name":"old","isDeprecated":true,"deprecationReason":"No longer supported"},"#
                    + #"{"name":"list","isDeprecated":false,"deprecationReason":null}]}}"#
            ),
            (
                #"{ __type(name: "Root") { fields { type { kind name ofType { kind ofType { kind ofType { kind ofType { name } } } } } } } }"#,
                #"{"__type":{"fields":[{"type":{"kind":"INTERFACE","name":"Pet","ofType":null}},{"type":{"kind":"NON_NULL","name":null,"#
                    + #""ofType":{"kind":"LIST","ofType":{"kind":"LIST","ofType":{"kind":"NON_NULL","ofType":{"name":"Int"}}}}}}]}}"#
            ),
            (
                #"{ __type(name: "Root") { fields { args { name description defaultValue type { name } } } } }"#,
                #"{"__type":{"fields":[{"args":[{"name":"id","description":"Which","defaultValue":"\"a\"","type":{"name":null}},"#
                    + #"{"name":"filter","description":null,"defaultValue":"{colors: [RED], text: \"x \\\"y\"}","type":{"name":"Filter"}}]},"#
                    + #"{"args":[]}]}}"#
            ),
            (
                #"{ __type(name: "Root") { fields { args(includeDeprecated: true) { name isDeprecated deprecationReason } } } }"#,
                #"{"__type":{"fields":[{"args":[{"name":"id","isDeprecated":false,"deprecationReason":null},"#
                    + #"{"name":"filter","isDeprecated":false,"deprecationReason":null},"#
                    + #"{"name":"old","isDeprecated":true,"deprecationReason":"new"}]},{"args":[]}]}}"#
            ),
            (
                #"{ __type(name: "Pet") { kind possibleTypes { name } interfaces { name } enumValues { name } inputFields { name } } }"#,
                #"{"__type":{"kind":"INTERFACE","possibleTypes":[{"name":"Dog"},{"name":"Cat"}],"interfaces":[{"name":"Node"}],"#
                    + #""enumValues":null,"inputFields":null}}"#
            ),
            (
                #"{ __type(name: "Any") { kind fields { name } interfaces { name } possibleTypes { name } } }"#,
                #"{"__type":{"kind":"UNION","fields":null,"interfaces":null,"possibleTypes":[{"name":"Cat"},{"name":"Dog"}]}}"#
            ),
            (
                #"{ __type(name: "Color") { kind enumValues { name } all: enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } } }"#,
                #"{"__type":{"kind":"ENUM","enumValues":[{"name":"RED"},{"name":"KELVIN"}],"all":[{"name":"RED","description":null,"#
                    + #""isDeprecated":false,"deprecationReason":null},{"name":"BLUE","description":"Sky","isDeprecated":true,"#
                    + #""deprecationReason":"grey"},{"name":"KELVIN","description":null,"isDeprecated":false,"deprecationReason":null}]}}"#
            ),
            (
                #"{ __type(name: "Filter") { kind isOneOf inputFields { name defaultValue } all: inputFields(includeDeprecated: true) { name } } }"#,
                #"{"__type":{"kind":"INPUT_OBJECT","isOneOf":false,"inputFields":[{"name":"colors","defaultValue":"[BLUE]"},"#
                    + #"{"name":"text","defaultValue":null}],"all":[{"name":"colors"},{"name":"text"},{"name":"old"}]}}"#
            ),
            (
                #"{ __type(name: "Choice") { isOneOf } int: __type(name: "Int") { kind specifiedByURL isOneOf } url: __type(name: "URL") { specifiedByURL } }"#,
                #"{"__type":{"isOneOf":true},"int":{"kind":"SCALAR","specifiedByURL":null,"isOneOf":null},"#
                    + #""url":{"specifiedByURL":"https://url.spec.whatwg.org"}}"#
            ),
            (
                #"{ __type(name: "Nothing") { name } k: __type(name: "\u212Aelvin") { name } __typename }"#,
                #"{"__type":null,"k":null,"__typename":"Root"}"#
            ),
            (
                #"{ __type(name: "__TypeKind") { enumValues { name } } }"#,
                #"{"__type":{"enumValues":[{"name":"SCALAR"},{"name":"OBJECT"},{"name":"INTERFACE"},{"name":"UNION"},{"name":"ENUM"},"#
                    + #"{"name":"INPUT_OBJECT"},{"name":"LIST"},{"name":"NON_NULL"}]}}"#
            ),
        ] as [(String, String)])
    func answers(query: String, data: String) async throws {
        #expect(try await Self.engine().respond(query) == "{\"data\":\(data)}")
    }

    @Test func listsDirectives() async throws {
        let response = try await Self.engine().respond(
            "{ __schema { directives { name isRepeatable locations args { name } all: args(includeDeprecated: true) { name } } } }"
        )
        let directives = try #require(JSONReader.read(response)["data"]?["__schema"]?["directives"]?.arrayValue)
        #expect(
            directives.first { $0["name"] == "tag" } == [
                "name": "tag", "isRepeatable": true, "locations": ["FIELD_DEFINITION", "OBJECT"],
                "args": [["name": "name"]], "all": [["name": "name"], ["name": "old"]],
            ])
        let names = Set(directives.compactMap { $0["name"]?.stringValue })
        #expect(names.isSuperset(of: ["skip", "include", "deprecated", "specifiedBy", "oneOf", "tag"]))
    }

    @Test func listsEveryTypeOnce() async throws {
        let response = try await Self.engine().respond("{ __schema { types { name } } }")
        let types = try #require(JSONReader.read(response)["data"]?["__schema"]?["types"]?.arrayValue)
        let names = types.compactMap { $0["name"]?.stringValue }
        #expect(Set(names).count == names.count)
        #expect(
            Set(names).isSuperset(of: [
                "Root", "Change", "Color", "Filter", "URL", "Int", "String", "Boolean", "ID", "__Schema", "__Type",
                "__Field", "__InputValue", "__EnumValue", "__Directive", "__DirectiveLocation", "__TypeKind",
            ]))
    }

    @Test func canBeSwitchedOff() async throws {
        let engine = try Self.engine(EngineOptions(allowsIntrospection: false))
        #expect(await engine.respond("{ __typename old }") == #"{"data":{"__typename":"Root","old":null}}"#)
        let message = "GraphQL introspection has been disabled, but the requested query contained the field "
        #expect(engine.refusals("{ __schema { queryType { name } } }") == [message + "\"__schema\"."])
        #expect(
            engine.refusals(#"{ ...A } fragment A on Root { ... { x: __type(name: "Root") { name } } }"#)
                == [message + "\"__type\"."])
        let error = engine.prepare(GraphQLRequest(query: "{ __schema { queryType { name } } }"))
        guard case .failure(let error) = error else {
            Issue.record("accepted")
            return
        }
        #expect(error.step == .validation)
    }
}
