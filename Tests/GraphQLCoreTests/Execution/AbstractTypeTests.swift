import GraphQLCore
import Testing

@Suite struct AbstractTypeTests {
    static let sdl = """
        type Query { pet: Pet, pets: [Pet!], thing: Thing, node: Node }
        interface Node { id: ID }
        interface Pet implements Node { id: ID, name: String, friend: Pet }
        type Dog implements Pet & Node { id: ID, name: String, friend: Pet, barks: Boolean }
        type Cat implements Pet & Node { id: ID, name: String, friend: Cat, meows: Boolean }
        type Stone { weight: Int }
        union Thing = Dog | Stone
        enum Color { RED }
        """

    struct Named: ResolvedObject {
        let typeName: String?
        func field(_ name: String) -> ResolvedValue? { name == "name" ? "object" : nil }
    }

    static let dog = ResolvedValue.record(Record(type: "Dog", fields: [("id", 1), ("name", "Rex"), ("barks", true)]))
    static let cat: ResolvedValue = .json(["__typename": "Cat", "id": 2, "name": "Tom", "meows": false])

    @Test(
        arguments: [
            (
                "{ pet { name __typename ... on Dog { barks } ... on Cat { meows } } }", AbstractTypeTests.dog,
                #"{"pet":{"name":"Rex","__typename":"Dog","barks":true}}"#
            ),
            (
                "{ pet { ... on Cat { meows } name ... on Dog { barks } } }", AbstractTypeTests.cat,
                #"{"pet":{"meows":false,"name":"Tom"}}"#
            ),
            (
                "{ pet { ... on Node { id } ... on Pet { name } } }", AbstractTypeTests.cat,
                #"{"pet":{"id":"2","name":"Tom"}}"#
            ),
            (
                "{ pet { name __typename } }", .object(Named(typeName: "Dog")),
                #"{"pet":{"name":"object","__typename":"Dog"}}"#
            ),
            (
                "{ pets { __typename name } }", [AbstractTypeTests.dog, AbstractTypeTests.cat, AbstractTypeTests.dog],
                #"{"pets":[{"__typename":"Dog","name":"Rex"},{"__typename":"Cat","name":"Tom"},{"__typename":"Dog","name":"Rex"}]}"#
            ),
            (
                "{ thing { __typename ... on Dog { name } ... on Stone { weight } } }",
                .record(Record(fields: [("__typename", "Stone"), ("weight", 5)])),
                #"{"thing":{"__typename":"Stone","weight":5}}"#
            ),
            (
                "{ node { ... on Dog { barks friend { name } } } }",
                .record(Record(type: "Dog", fields: [("friend", AbstractTypeTests.cat)])),
                #"{"node":{"barks":null,"friend":{"name":"Tom"}}}"#
            ),
        ] as [(String, ResolvedValue, String)])
    func resolvesTypes(query: String, value: ResolvedValue, data: String) async throws {
        let engine = try GraphQLEngine.make(
            Self.sdl, root: ["pet": value, "pets": value, "thing": value, "node": value])
        #expect(await engine.respond(query) == "{\"data\":\(data)}")
    }

    @Test(
        arguments: [
            (
                ResolvedValue.record(Record(fields: [("name", "x")])),
                "Abstract type \"Pet\" must resolve to an Object type at runtime for field \"Query.pet\"."
            ),
            (1, "Abstract type \"Pet\" must resolve to an Object type at runtime for field \"Query.pet\"."),
            (
                .record(Record(type: "Bird", fields: [])),
                "Abstract type \"Pet\" was resolved to a type \"Bird\" that does not exist inside the schema."
            ),
            (
                .record(Record(type: "Color", fields: [])),
                "Abstract type \"Pet\" was resolved to a non-object type \"Color\"."
            ),
            (
                .record(Record(type: "Stone", fields: [])),
                "Runtime Object type \"Stone\" is not a possible type for \"Pet\"."
            ),
        ] as [(ResolvedValue, String)])
    func refusesTypes(value: ResolvedValue, message: String) async throws {
        let engine = try GraphQLEngine.make(Self.sdl, root: ["pet": value])
        let result = await engine.execute(try engine.prepared("{ pet { name } }"), context: Tester())
        #expect(result.errors.map(\.message) == [message])
        #expect(String(decoding: result.body, as: UTF8.self).hasSuffix(#""data":{"pet":null}}"#))
    }

    @Test func asksTheTypeResolver() async throws {
        let engine = try GraphQLEngine.make(Self.sdl, root: ["pet": ["barks": true], "thing": ["x": 1]]) { resolvers in
            resolvers.typeResolver("Pet") { value, context in
                context.sharingIdentity == "tester" && value.field("barks") != nil ? "Dog" : "Cat"
            }
            resolvers.typeResolver("Thing") { _, _ in throw GraphQLError(message: "what is it?") }
        }
        #expect(await engine.respond("{ pet { __typename } }") == #"{"data":{"pet":{"__typename":"Dog"}}}"#)
        #expect(
            await engine.respond("{ thing { __typename } }")
                == #"{"errors":[{"message":"what is it?","locations":[{"line":1,"column":3}],"path":["thing"]}],"#
                + #""data":{"thing":null}}"#)
    }
}
