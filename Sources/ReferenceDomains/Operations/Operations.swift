import GraphQLCore

/// The operations system in the schema. Its streams are served beside GraphQL.
struct Operations: Sendable {
    private let environment: DomainEnvironment
    private let publisher: OperationsPublisher
    private let works: Works

    /// The most items that a job can have.
    private static let longestJob: Int64 = 1_000_000
    /// How many jobs or campaigns are listed at most.
    private static let longestList = 100
    /// In how many steps simulated work is done.
    private static let steps: Int64 = 50

    init(_ environment: DomainEnvironment) {
        self.environment = environment
        self.publisher = OperationsPublisher(environment)
        self.works = Works(environment)
    }

    var resolvers: Resolvers {
        var resolvers = Resolvers()
        for kind in WorkKind.allCases {
            resolvers.asyncField("Query", kind.rawValue) { input in
                let identity = try Access.identity(input)
                let item = try await self.works.find(
                    kind, input.arguments.string("id") ?? "", tenant: identity.tenant)
                return item.map { .json(.object($0)) } ?? .null
            }
            resolvers.asyncField("Query", "\(kind.rawValue)s") { input in
                let open = try await self.works.open(kind, tenant: try Access.identity(input).tenant)
                return .list(open.prefix(Self.longestList).map { .json(.object($0)) })
            }
            let name = kind.rawValue.prefix(1).uppercased() + kind.rawValue.dropFirst()
            resolvers.asyncField("Mutation", "start\(name)") { input in
                try await self.start(kind, input)
            }
        }
        resolvers.asyncField("Mutation", "publishOperationsEvent") { input in
            let identity = try Access.require(permission: Permission.publishEvents, input)
            return ["id": .string(try await self.publish(input, tenant: identity.tenant))]
        }
        return resolvers
    }

    private func publish(_ input: ResolverInput, tenant: String) async throws -> String {
        let name = input.arguments.string("eventType") ?? ""
        guard let type = OperationsEventType(rawValue: name) else {
            throw GraphQLError(
                message: ClientMessages.noEventType(name), extensions: ["code": "BAD_USER_INPUT"])
        }
        guard let payload = input.arguments.object("payload") else {
            throw GraphQLError(message: ClientMessages.payloadNoObject, extensions: ["code": "BAD_USER_INPUT"])
        }
        return try await self.publisher.publish(type, tenant: tenant, payload)
    }

    private func start(_ kind: WorkKind, _ input: ResolverInput) async throws -> ResolvedValue {
        let identity = try Access.require(permission: "\(kind.rawValue)s.start", input)
        let total = input.arguments.int("itemsTotal").map { Int64($0) } ?? 100
        guard (1...Self.longestJob).contains(total) else {
            throw GraphQLError(
                message: ClientMessages.items(upTo: Self.longestJob), extensions: ["code": "BAD_USER_INPUT"])
        }
        let item = try await self.works.start(
            kind, type: input.arguments.string("\(kind.rawValue)Type") ?? "", itemsTotal: total,
            tenant: identity.tenant)
        let id = item[kind.idKey]?.stringValue ?? ""
        // Goes on after the answer, and ends with the work.
        Task {
            do {
                try await self.works.simulate(
                    kind, id, by: max(total / Self.steps, 1), tenant: identity.tenant)
            } catch {
                self.environment.onWorkStopped(id, "\(error)")
            }
        }
        return .json(.object(item))
    }
}
