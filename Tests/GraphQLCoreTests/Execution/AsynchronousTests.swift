import GraphQLCore
import Synchronization
import Testing

/// Lets those who arrive go on when all have arrived.
final class Rendezvous: Sendable {
    private struct State {
        var missing: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>

    init(_ count: Int) {
        self.state = Mutex(State(missing: count))
    }

    func arrive() async {
        await withCheckedContinuation { continuation in
            let released = self.state.withLock { state in
                state.missing -= 1
                state.waiting.append(continuation)
                guard state.missing == 0 else { return [] as [CheckedContinuation<Void, Never>] }
                defer { state.waiting = [] }
                return state.waiting
            }
            released.forEach { $0.resume() }
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct AsynchronousTests {
    static let sdl = """
        type Query { a: Int, b: Int, c: Int, must: Int!, node: Node, nodes: [Node!], pet: Pet, required: Node! }
        type Mutation { a: Int, b: Node, c: Int }
        type Node { x: Int, y: Int, must: Int!, child: Node }
        interface Pet { name: String }
        type Dog implements Pet { name: String, x: Int }
        """

    static func engine(_ configure: (inout Resolvers) -> Void) throws -> GraphQLEngine {
        try GraphQLEngine.make(Self.sdl) { resolvers in
            for name in ["a", "b", "c", "must", "node", "nodes", "pet", "required"] {
                resolvers.field("Query", name) { _ in .null }
            }
            for name in ["a", "b", "c"] {
                resolvers.field("Mutation", name) { _ in .null }
            }
            configure(&resolvers)
        }
    }

    @Test func siblingsRunConcurrentlyAndKeepTheirOrder() async throws {
        let meeting = Rendezvous(3)
        let engine = try Self.engine { resolvers in
            resolvers.asyncField("Query", "a") { _ in
                await meeting.arrive()
                return 1
            }
            resolvers.field("Query", "b") { _ in 2 }
            resolvers.asyncField("Query", "c") { _ in
                await meeting.arrive()
                return 3
            }
            resolvers.asyncField("Query", "node") { _ in ["y": 5] }
            resolvers.asyncField("Node", "x") { _ in
                await meeting.arrive()
                return 4
            }
        }
        let response = await engine.respond("{ a b c node { x y __typename } }")
        #expect(response == #"{"data":{"a":1,"b":2,"c":3,"node":{"x":4,"y":5,"__typename":"Node"}}}"#)
    }

    @Test func listItemsRunConcurrently() async throws {
        let meeting = Rendezvous(3)
        let engine = try Self.engine { resolvers in
            resolvers.field("Query", "nodes") { _ in .json([["y": 1], ["y": 2], ["y": 3]]) }
            resolvers.asyncField("Node", "x") { input in
                await meeting.arrive()
                return input.source.field("y") ?? .null
            }
        }
        #expect(await engine.respond("{ nodes { x } }") == #"{"data":{"nodes":[{"x":1},{"x":2},{"x":3}]}}"#)
    }

    @Test func mutationsRunInTurnWithAllBelowThem() async throws {
        let notes = Recorder()
        let engine = try Self.engine { resolvers in
            resolvers.asyncField("Mutation", "a") { _ in
                notes.note("a begins")
                await Task.yield()
                notes.note("a ends")
                return 1
            }
            resolvers.asyncField("Mutation", "b") { _ in
                notes.note("b")
                return [:]
            }
            resolvers.asyncField("Node", "x") { _ in
                await Task.yield()
                notes.note("b.x")
                return 2
            }
            resolvers.field("Mutation", "c") { _ in
                notes.note("c")
                throw GraphQLError(message: "c fails")
            }
        }
        let response = await engine.respond("mutation { a b { x } c again: a }")
        #expect(
            response == #"{"errors":[{"message":"c fails","locations":[{"line":1,"column":22}],"path":["c"]}],"#
                + #""data":{"a":1,"b":{"x":2},"c":null,"again":1}}"#)
        #expect(notes.notes == ["a begins", "a ends", "b", "b.x", "c", "a begins", "a ends"])
    }

    @Test(arguments: [
        (
            "{ a b }",
            #"{"errors":[{"message":"a","locations":[{"line":1,"column":3}],"path":["a"]}],"data":{"a":null,"b":2}}"#
        ),
        (
            "{ b must }",
            #"{"errors":[{"message":"must","locations":[{"line":1,"column":5}],"path":["must"]}],"data":null}"#
        ),
        (
            "{ b c must }",
            #"{"errors":[{"message":"must","locations":[{"line":1,"column":7}],"path":["must"]}],"data":null}"#
        ),
        (
            "{ node { must x } b }",
            #"{"errors":[{"message":"n","locations":[{"line":1,"column":10}],"path":["node","must"]}],"data":{"node":null,"b":2}}"#
        ),
        (
            "{ required { x must } }",
            #"{"errors":[{"message":"n","locations":[{"line":1,"column":16}],"path":["required","must"]}],"data":null}"#
        ),
        (
            "{ nodes { must } }",
            #"{"errors":[{"message":"n","locations":[{"line":1,"column":11}],"path":["nodes",0,"must"]}],"data":{"nodes":null}}"#
        ),
        ("{ pet { name ... on Dog { x } } }", #"{"data":{"pet":{"name":"Rex","x":1}}}"#),
    ])
    func failuresPropagate(query: String, response: String) async throws {
        let engine = try Self.engine { resolvers in
            resolvers.asyncField("Query", "a") { _ in throw GraphQLError(message: "a") }
            resolvers.asyncField("Query", "b") { _ in 2 }
            resolvers.field("Query", "c") { _ in 3 }
            resolvers.asyncField("Query", "must") { _ in throw GraphQLError(message: "must") }
            resolvers.asyncField("Query", "node") { _ in [:] }
            resolvers.asyncField("Query", "required") { _ in [:] }
            resolvers.asyncField("Query", "nodes") { _ in [[:]] }
            resolvers.asyncField("Query", "pet") { _ in .record(Record(type: "Dog", fields: [("name", "Rex")])) }
            resolvers.asyncField("Node", "must") { _ in throw GraphQLError(message: "n") }
            resolvers.field("Node", "x") { _ in 1 }
            resolvers.asyncField("Dog", "x") { _ in 1 }
        }
        #expect(await engine.respond(query) == response)
    }

    @Test func valuesOfTheWrongKindFailAlsoBelowAwaitedFields() async throws {
        let engine = try Self.engine { resolvers in
            resolvers.asyncField("Query", "node") { _ in 1 }
            resolvers.asyncField("Query", "nodes") { _ in 1 }
            resolvers.asyncField("Query", "pet") { _ in [:] }
            resolvers.asyncField("Node", "x") { _ in 1 }
            resolvers.asyncField("Dog", "x") { _ in 1 }
        }
        let operation = try engine.prepared("{ node { x } nodes { x } pet { ... on Dog { x } } }")
        let result = await engine.execute(operation, context: Tester())
        #expect(
            result.errors.map(\.message) == [
                "Expected value of type \"Node\" but got: 1.",
                "Expected Iterable, but did not find one for field \"Query.nodes\".",
                "Abstract type \"Pet\" must resolve to an Object type at runtime for field \"Query.pet\".",
            ])
        #expect(
            String(decoding: result.body, as: UTF8.self).hasSuffix(#""data":{"node":null,"nodes":null,"pet":null}}"#))
    }

    @Test func cancellationEndsBetweenFields() async throws {
        let started = Rendezvous(2)
        let notes = Recorder()
        let engine = try Self.engine { resolvers in
            resolvers.asyncField("Mutation", "a") { _ in
                await started.arrive()
                while !Task.isCancelled {
                    await Task.yield()
                }
                notes.note("a")
                return 1
            }
            resolvers.field("Mutation", "c") { _ in
                notes.note("c")
                return 3
            }
        }
        let operation = try engine.prepared("mutation { a c }")
        let task = Task { await engine.execute(operation, context: Tester()) }
        await started.arrive()
        task.cancel()
        let result = await task.value
        #expect(result.wasCancelled)
        #expect(notes.notes == ["a"])
        #expect(
            String(decoding: result.body, as: UTF8.self)
                == #"{"errors":[{"message":"The operation was cancelled."}],"data":null}"#)
    }

    @Test func cancellationIsHonouredWithoutAwaiting() async throws {
        let engine = try Self.engine { resolvers in
            resolvers.field("Query", "a") { _ in
                withUnsafeCurrentTask { $0?.cancel() }
                return 1
            }
            resolvers.field("Query", "b") { _ in
                Issue.record("called after the cancellation")
                return 2
            }
        }
        let operation = try engine.prepared("{ node { x } a b }")
        let result = await Task { await engine.execute(operation, context: Tester()) }.value
        #expect(result.wasCancelled)
    }
}
