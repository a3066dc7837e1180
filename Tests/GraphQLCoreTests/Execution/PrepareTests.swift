import GraphQLCore
import Synchronization
import Testing

@Suite struct PrepareTests {
    static let sdl = "type Query { a: Int, self: Query, list: [Query] }"

    static func engine(_ limits: EngineLimits = .init(), _ options: EngineOptions = .init()) throws -> GraphQLEngine {
        try GraphQLEngine.make(Self.sdl, limits: limits, options: options) { resolvers in
            resolvers.field("Query", "a") { _ in 1 }
            resolvers.field("Query", "self") { _ in [:] }
            resolvers.field("Query", "list") { _ in [] }
        }
    }

    @Test(
        arguments: [
            ("{ a }", nil, nil), ("{ a }", "", nil), ("query Q { a }", nil, nil), ("query Q { a }", "Q", nil),
            ("query Q { a } query R { b: a }", "R", nil),
            ("query Q { a } query R { a }", nil, "Must provide operation name if query contains multiple operations."),
            ("query Q { a } query R { a }", "", "Must provide operation name if query contains multiple operations."),
            ("query Q { a }", "R", "Unknown operation named \"R\"."), ("{ a }", "Q", "Unknown operation named \"Q\"."),
            ("query Q { a }", "q", "Unknown operation named \"q\"."),
        ] as [(String, String?, String?)])
    func selectsTheOperation(query: String, name: String?, refusal: String?) throws {
        let engine = try Self.engine()
        switch engine.prepare(GraphQLRequest(query: query, operationName: name)) {
        case .success(let operation):
            #expect(refusal == nil)
            #expect(operation.kind == .query)
            if let name, !name.isEmpty { #expect(operation.operationName == name) }
        case .failure(let error):
            #expect(error.errors.map(\.message) == refusal.map { [$0] })
            #expect(error.step == .operation)
        }
    }

    @Test func tellsTheStep() throws {
        let engine = try Self.engine(EngineLimits(documentBytes: 40))
        let steps = try [
            "{ a", "{ unknown }", "query ($v: Int!) { list { a } }", "{ a }" + String(repeating: " ", count: 36), "",
        ].map { query in
            guard case .failure(let error) = engine.prepare(GraphQLRequest(query: query)) else {
                throw GraphQLError(message: "accepted \(query)")
            }
            #expect(!error.errors.isEmpty)
            #expect(String(decoding: error.body, as: UTF8.self).hasPrefix("{\"errors\":[{\"message\":"))
            return error.step
        }
        #expect(steps == [.syntax, .validation, .validation, .limits, .syntax])
    }

    @Test func keepsCompiledOperations() throws {
        let engine = try Self.engine()
        let first = try engine.prepared("query Q { a } query R { a }", operationName: "Q").sharingKey
        #expect(try engine.prepared("query Q { a } query R { a }", operationName: "Q").sharingKey == first)
        #expect(try engine.prepared("query Q { a } query R { a }", operationName: "R").sharingKey != first)
        #expect(try engine.prepared("query Q { a } query R { a } ", operationName: "Q").sharingKey != first)
    }

    @Test func forgetsTheLeastRecentlyUsed() throws {
        let engine = try Self.engine(EngineLimits(cachedOperations: 2))
        let first = try engine.prepared("{ x1: a }").sharingKey
        let second = try engine.prepared("{ x2: a }").sharingKey
        #expect(try engine.prepared("{ x1: a }").sharingKey == first)
        _ = try engine.prepared("{ x3: a }")
        #expect(try engine.prepared("{ x1: a }").sharingKey == first)
        #expect(try engine.prepared("{ x2: a }").sharingKey != second)
    }

    @Test func forgetsWhatTakesTooManyBytes() throws {
        // Each field takes about 1 KiB.
        let engine = try Self.engine(EngineLimits(cachedBytes: 2_100))
        let first = try engine.prepared("{ x1: a }").sharingKey
        _ = try engine.prepared("{ x2: a }")
        #expect(try engine.prepared("{ x1: a }").sharingKey == first)
        _ = try engine.prepared("{ x3: a }")
        #expect(try engine.prepared("{ x1: a }").sharingKey == first)
        let long = try engine.prepared("{ x: a y: a z: a }").sharingKey
        #expect(try engine.prepared("{ x: a y: a z: a }").sharingKey != long)
        #expect(try engine.prepared("{ x1: a }").sharingKey == first)
        let none = try Self.engine(EngineLimits(cachedOperations: 0))
        #expect(try none.prepared("{ a }").sharingKey != none.prepared("{ a }").sharingKey)
    }

    @Test func concurrentRequestsShareOneOperation() async throws {
        let engine = try Self.engine()
        let keys = await withTaskGroup(of: PreparedOperation.SharingKey?.self) { group in
            for _ in 0..<20 {
                group.addTask { try? engine.prepared("{ self { self { a } } }").sharingKey }
            }
            return await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(keys.count == 1 && !keys.contains(nil))
    }

    @Test(arguments: [
        (EngineLimits(depth: 3), "{ self { self { a } } }", "{ self { self { self { a } } } }"),
        (EngineLimits(aliases: 2), "{ x: a y: a }", "{ x: a ...A } fragment A on Query { y: a z: a }"),
        (EngineLimits(rootFields: 2), "{ a self { a list { a } a } }", "{ a x: a y: a }"),
        (
            EngineLimits(cost: 4), "{ a self { a x: a } }",
            "{ ...A x: self { ...A } } fragment A on Query { a b: a }"
        ),
        (EngineLimits(tokens: 5), "{ a a a }", "{ a a a a }"),
        (EngineLimits(documentBytes: 5), "{ a }", "{ a } "),
    ])
    func limitsDocuments(limits: EngineLimits, accepted: String, refused: String) throws {
        let engine = try Self.engine(limits)
        #expect(engine.refusals(accepted) == [])
        #expect(engine.refusals(refused).count == 1)
    }

    /// A server that looks at its limits too late has done what it refuses.
    @Test(arguments: [nil, LimitFault.refusesAfterExecution])
    func refusesBeforeExecution(fault: LimitFault?) throws {
        let raised = Mutex(0)
        var options = EngineOptions()
        options.limitFault = fault
        let engine = try GraphQLEngine.make(
            "type Query { a: Int } type Mutation { raise: Int }", limits: EngineLimits(cost: 2), options: options
        ) { resolvers in
            resolvers.field("Query", "a") { _ in 1 }
            resolvers.field("Mutation", "raise") { _ in
                raised.withLock { $0 += 1 }
                return 1
            }
        }
        #expect(engine.refusals("mutation { raise raise raise }").count == 1)
        #expect(raised.withLock { $0 } == (fault == nil ? 0 : 1))
        #expect(engine.refusals("mutation { raise raise raise nothing }").isEmpty == false)
        #expect(raised.withLock { $0 } == (fault == nil ? 0 : 1))
    }

    @Test func repeatedFragmentsDoNotMultiplyTheWork() async throws {
        // Each level doubles the fields; without the limit these would be more than 10^9.
        let levels = 30
        var query = "{ ...F0 }"
        for level in 0..<levels {
            query += " fragment F\(level) on Query { x: self { ...F\(level + 1) } y: self { ...F\(level + 1) } }"
        }
        query += " fragment F\(levels) on Query { a }"
        #expect(try !Self.engine().refusals(query).isEmpty)
        // Where the limit allows them, they are compiled once each.
        let engine = try Self.engine(EngineLimits(depth: 100, aliases: .max, cost: .max))
        #expect(engine.refusals(query) == [])
    }

    @Test func longChainsOfFragmentsAreCompiled() async throws {
        let count = 1_500
        var query = "{ ...F0 }"
        for level in 0..<count {
            query += " fragment F\(level) on Query { ...F\(level + 1) }"
        }
        query += " fragment F\(count) on Query { a }"
        #expect(try await Self.engine().respond(query) == #"{"data":{"a":1}}"#)
    }

    @Test func reportsTooManyErrorsOnlyUpToALimit() throws {
        let engine = try Self.engine(EngineLimits(errors: 3))
        let query = "{ " + (0..<20).map { "x\($0)" }.joined(separator: " ") + " }"
        #expect((1...4).contains(engine.refusals(query).count))
    }

    @Test func refusesOperationsWithoutARootType() throws {
        let engine = try Self.engine()
        #expect(engine.refusals("mutation { a }").count == 1)
        #expect(engine.refusals("subscription { a }").count == 1)
    }
}
