import GraphQLCore
import Synchronization
import Testing

/// A client for tests.
struct Tester: ExecutionContext {
    var sharingIdentity = "tester"
}

/// What happened, in order.
final class Recorder: Sendable {
    private let list = Mutex<[String]>([])

    func note(_ text: String) {
        self.list.withLock { $0.append(text) }
    }

    var notes: [String] { self.list.withLock { $0 } }
}

/// An error that clients must not read.
struct Secret: Error {}

extension GraphQLEngine {
    /// An engine of SDL and resolvers.
    static func make(
        _ sdl: String, limits: EngineLimits = .init(), options: EngineOptions = .init(),
        _ configure: (inout Resolvers) -> Void
    ) throws -> GraphQLEngine {
        var resolvers = Resolvers()
        configure(&resolvers)
        return try GraphQLEngine(
            schema: Schema(sdl: [SDLSource(text: sdl)]), resolvers: resolvers, limits: limits, options: options)
    }

    /// An engine of which the root fields of queries are read from one object.
    static func make(_ sdl: String, root: ResolvedValue) throws -> GraphQLEngine {
        try self.make(sdl, root: root) { _ in }
    }

    /// An engine of which the root fields of queries are read from one object, with further resolvers.
    static func make(
        _ sdl: String, root: ResolvedValue, _ configure: (inout Resolvers) -> Void
    ) throws -> GraphQLEngine {
        let schema = try Schema(sdl: [SDLSource(text: sdl)])
        var resolvers = Resolvers()
        for field in schema.queryType.fieldSet {
            resolvers.field(schema.queryType.name, field.name) { input in root.field(input.fieldName) ?? .null }
        }
        configure(&resolvers)
        return try GraphQLEngine(schema: schema, resolvers: resolvers)
    }

    /// The response to a query or mutation as text, whether or not it gets as far as execution.
    func respond(
        _ query: String, variables: JSONObject? = nil, operationName: String? = nil,
        context: any ExecutionContext = Tester()
    ) async -> String {
        let request = GraphQLRequest(query: query, operationName: operationName, variables: variables)
        switch self.prepare(request) {
        case .success(let operation):
            return String(decoding: await self.execute(operation, context: context).body, as: UTF8.self)
        case .failure(let error):
            return String(decoding: error.body, as: UTF8.self)
        }
    }

    /// The operation, ready to run; fails the test when it is refused.
    func prepared(
        _ query: String, variables: JSONObject? = nil, operationName: String? = nil
    ) throws -> PreparedOperation {
        try self.prepare(GraphQLRequest(query: query, operationName: operationName, variables: variables)).get()
    }

    /// The messages with which a request is refused; empty when it is not.
    func refusals(_ query: String, variables: JSONObject? = nil, operationName: String? = nil) -> [String] {
        let request = GraphQLRequest(query: query, operationName: operationName, variables: variables)
        guard case .failure(let error) = self.prepare(request) else { return [] }
        return error.errors.map(\.message)
    }
}
