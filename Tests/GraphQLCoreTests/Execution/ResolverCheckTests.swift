import GraphQLCore
import Testing

@Suite struct ResolverCheckTests {
    static let sdl = """
        type Query { a: Int, pet: Pet }
        type Mutation { m: Int }
        type Subscription { s: Int }
        interface Pet { name: String }
        type Dog implements Pet { name: String }
        scalar Any
        """

    @Test func namesAllThatIsMissingOrSuperfluous() {
        let error = #expect(throws: SchemaErrors.self) {
            try GraphQLEngine.make(Self.sdl) { resolvers in
                resolvers.field("Query", "b") { _ in .null }
                resolvers.field("Pet", "name") { _ in .null }
                resolvers.asyncField("Bird", "name") { _ in .null }
                resolvers.subscription("t") { _ in throw Secret() }
                resolvers.scalar("Int", .json)
                resolvers.scalar("Nothing", .json)
                resolvers.typeResolver("Dog") { _, _ in nil }
            }
        }
        #expect(
            error?.errors.map(\.message) == [
                "Bird.name has a resolver, but there is no type Bird.",
                "Dog has a type resolver, but is neither an interface nor a union.",
                "Int has a coding, but is not a custom scalar.",
                "Mutation.m has no resolver.",
                "Nothing has a coding, but is not a custom scalar.",
                "Pet.name has a resolver, but Pet is not an object type.",
                "Query.a has no resolver.",
                "Query.b has a resolver, but the type has no such field.",
                "Query.pet has no resolver.",
                "Subscription.s has no subscription.",
                "Subscription.t has a subscription, but the type has no such field.",
            ])
    }

    @Test func subscriptionsNeedARoot() {
        let error = #expect(throws: SchemaErrors.self) {
            try GraphQLEngine.make("type Query { a: Int }") { resolvers in
                resolvers.field("Query", "a") { _ in 1 }
                resolvers.subscription("s") { _ in throw Secret() }
            }
        }
        #expect(
            error?.errors.map(\.message) == [
                "Subscription.s has a subscription, but the schema has no subscription type."
            ])
    }

    @Test func mergesResolvers() async throws {
        var first = Resolvers()
        first.field("Query", "a") { _ in 1 }
        first.field("Query", "pet") { _ in .null }
        var second = Resolvers()
        second.field("Query", "a") { _ in 2 }
        second.field("Mutation", "m") { _ in 3 }
        second.subscription("s") { _ in throw Secret() }
        second.scalar("Any", .json)
        second.typeResolver("Pet") { _, _ in "Dog" }
        first.merge(second)
        let schema = try Schema(sdl: [SDLSource(text: Self.sdl)])
        let engine = try GraphQLEngine(schema: schema, resolvers: first)
        #expect(await engine.respond("{ a }") == #"{"data":{"a":2}}"#)
    }
}
