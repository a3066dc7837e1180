import GraphQLCore

@testable import SubscriptionServer

struct TestContext: ExecutionContext {
    var sharingIdentity: String
    var trace: TraceContext?

    func traced(by trace: TraceContext) -> TestContext {
        TestContext(sharingIdentity: self.sharingIdentity, trace: trace)
    }
}

struct TestFailure: Error {}

/// Decides by the member `token` of the init payload.
struct TestGate: ConnectionGate {
    let stage: Stage

    func admit(initPayload: JSONObject?, handshake: HandshakeFacts) async throws -> ConnectionAdmission {
        switch initPayload?["token"]?.stringValue {
        case "deny": throw ConnectionRefusal("told to")
        case "crash": throw TestFailure()
        case "slow": await self.stage.hold("init")
        default: break
        }
        let user = initPayload?["user"]?.stringValue ?? "anybody"
        return ConnectionAdmission(
            context: TestContext(sharingIdentity: user),
            principal: Principal(
                tenant: initPayload?["tenant"]?.stringValue ?? "public", user: initPayload?["user"]?.stringValue),
            ackPayload: initPayload?["ack"]?.objectValue)
    }

    func admit(request: HandshakeFacts) async throws -> ConnectionAdmission {
        switch request.values(of: "authorization").first {
        case "deny": throw ConnectionRefusal("told to")
        case "crash": throw TestFailure()
        default:
            return ConnectionAdmission(
                context: TestContext(sharingIdentity: "anybody"),
                principal: Principal(
                    tenant: request.values(of: "x-tenant").first ?? "public", user: request.values(of: "x-user").first))
        }
    }
}

enum TestSchema {
    static let sdl = """
        type Query {
            hello: String
            echo(text: String!): String
            held(name: String!): String
            boom: String
            required: String!
            counter: Int!
            trace: String
        }
        type Mutation { increment: Int! }
        type Subscription {
            topic(name: String!): String
            shared(name: String!): String
            awaited(name: String!): Awaited
            empty: Int
            throwsAtStart: Int
            throwsOpening: Int
            heldResolver(name: String!): String
            heldOpening(name: String!): String
            whoami: String
        }
        type Awaited { value: String }
        """

    static func engine(_ stage: Stage) throws -> GraphQLEngine {
        var resolvers = Resolvers()
        resolvers.field("Query", "hello") { _ in .string("world") }
        resolvers.field("Query", "echo") { .string($0.arguments.string("text") ?? "") }
        resolvers.asyncField("Query", "held") { input in
            await stage.hold(input.arguments.string("name") ?? "")
            return .string("held")
        }
        resolvers.field("Query", "boom") { _ in throw TestFailure() }
        resolvers.field("Query", "required") { _ in throw GraphQLError(message: "none") }
        resolvers.field("Query", "counter") { _ in .int(Int64(stage.counts.counter)) }
        resolvers.field("Query", "trace") { input in
            (input.context as? TestContext)?.trace.map { .string($0.text) } ?? .null
        }
        resolvers.field("Mutation", "increment") { _ in .int(Int64(stage.increment())) }
        resolvers.subscription("topic") { stage.stream($0.arguments.string("name") ?? "") }
        resolvers.subscription("shared") { input in
            let name = input.arguments.string("name") ?? ""
            return stage.stream(name, sharingKey: name)
        }
        resolvers.subscription("awaited") { stage.stream($0.arguments.string("name") ?? "") }
        resolvers.asyncField("Awaited", "value") { input in
            guard case .string(let name) = input.source.field("value") ?? .null else { return .null }
            await stage.hold(name)
            return .string(name)
        }
        resolvers.subscription("empty") { _ in
            SourceEventStream { sink in
                sink.finish()
                return SourceCancellation {}
            }
        }
        resolvers.subscription("throwsAtStart") { _ in throw GraphQLError(message: "no source") }
        resolvers.subscription("throwsOpening") { _ in SourceEventStream { _ in throw TestFailure() } }
        resolvers.subscription("heldResolver") { input in
            let name = input.arguments.string("name") ?? ""
            await stage.hold(name)
            return stage.stream(name)
        }
        resolvers.subscription("heldOpening") { input in
            let name = input.arguments.string("name") ?? ""
            return SourceEventStream { sink in
                // Does not listen to cancellation.
                await Task { await stage.hold(name) }.value
                return try await stage.stream(name).start(sink)
            }
        }
        resolvers.subscription("whoami") { input in
            let identity = input.context.sharingIdentity
            return stage.stream("whoami-\(identity)", sharingKey: "whoami")
        }
        return try GraphQLEngine(schema: Schema(sdl: self.sdl), resolvers: resolvers)
    }
}
