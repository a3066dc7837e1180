import GraphQLCore
import PubSub

/// Questions asked of the documents: simulated work, and how far it is.
struct Retrieval: Sendable {
    static let progress = PayloadShape([
        "queryId": .plain, "stage": .plain, "progress": .plain, "message": .plain,
    ])

    private static let longestText = 10_000
    /// How long each simulated stage takes.
    private static let pace = Duration.milliseconds(250)
    /// How long a hash is kept after its last change.
    private static let lifetime = Duration.seconds(3600)

    private let environment: DomainEnvironment
    let watchers: ProgressWatchers
    private let work = BackgroundWork(maximum: 1000)

    init(_ environment: DomainEnvironment) {
        self.environment = environment
        self.watchers = ProgressWatchers(environment, timeout: .seconds(30))
    }

    var resolvers: Resolvers {
        var resolvers = Resolvers()
        resolvers.asyncField("Mutation", "startQuery") { input in
            let channels = try self.environment.channels.of(Access.identity(input))
            return try await self.start(
                input.arguments.string("text") ?? "", failingAt: input.arguments.string("failAt"), channels)
        }
        resolvers.subscription("queryProgress") { input in
            let channels = try self.environment.channels.of(Access.identity(input))
            let id = input.arguments.string("queryId") ?? ""
            let key = try channels.progressKey(id)
            return SourceEventStream(sharingKey: "\(channels.tenant) \(key)") { sink in
                try self.watchers.watch(id, channels, sink)
            }
        }
        return resolvers
    }

    /// Begins the work; when this returns, the hash is there.
    private func start(
        _ text: String, failingAt failure: String?, _ channels: TenantChannels
    ) async throws -> ResolvedValue {
        guard (1...Self.longestText).contains(text.count) else {
            throw GraphQLError.badInput(ClientMessages.characters("A question", upTo: Self.longestText))
        }
        let stages = ProgressReader.stages.map(\.key)
        guard failure.map(stages.dropFirst().contains) ?? true else {
            throw GraphQLError.badInput(ClientMessages.choice("failAt", of: stages.dropFirst()))
        }
        let id = self.environment.makeID()
        let key = try channels.progressKey(id)
        try await self.write("received", "Query accepted", at: key, channels)
        let isRunning = self.work.run {
            // When the state cannot be written, those who watch are told by their own readings.
            for stage in stages.dropFirst() {
                guard (try? await self.environment.timers.wait(for: Self.pace)) != nil else { return }
                let fails = stage == failure
                let message = fails ? "The simulated work failed at the stage \(stage)." : Self.messages[stage] ?? ""
                try? await self.write(fails ? ProgressReader.failed : stage, message, at: key, channels)
                if fails { return }
            }
        }
        guard isRunning else { throw GraphQLError(BusError(.overloaded, "too many queries are worked on already")) }
        return ["queryId": .string(id), "text": .string(text)]
    }

    private static let messages = [
        "retrieving": "Fetching documents", "reranking": "Reordering results", "generating": "Generating answer",
        "completed": "Answer ready",
    ]

    private func write(_ stage: String, _ message: String, at key: String, _ channels: TenantChannels) async throws {
        let share = ProgressReader.stages.first { $0.key == stage }?.value
        var fields = ["tenant_id": channels.tenant, "stage": stage, "message": message]
        if let share { fields["progress"] = "\(share)" }
        do {
            try await self.environment.state.setFields(
                fields.mapValues { Array($0.utf8) }, of: key, expiry: Self.lifetime)
        } catch {
            throw GraphQLError(error)
        }
    }
}
