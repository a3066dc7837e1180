import GraphQLCore
import PubSub

/// Chats with a simulated assistant.
struct Chat: Sendable {
    static let shape = PayloadShape([
        "messageId": .plain, "sessionId": .plain, "role": .plain, "content": .plain, "timestamp": .time,
    ])

    private static let longestContent = 10_000
    /// How long the assistant thinks.
    private static let pause = Duration.milliseconds(300)

    private let environment: DomainEnvironment
    private let assistant = BackgroundWork(maximum: 1000)

    init(_ environment: DomainEnvironment) {
        self.environment = environment
    }

    var resolvers: Resolvers {
        var resolvers = Resolvers()
        resolvers.asyncField("Mutation", "sendChatMessage") { input in
            let identity = try Access.identity(input)
            let content = input.arguments.string("content") ?? ""
            return try await self.send(
                content, to: input.arguments.string("sessionId") ?? "", self.environment.channels.of(identity),
                in: identity.trace)
        }
        resolvers.subscription("chatUpdates") { input in
            let channels = try self.environment.channels.of(Access.identity(input))
            return try self.stream(of: input.arguments.string("sessionId") ?? "", channels)
        }
        return resolvers
    }

    private func stream(of sessionID: String, _ channels: TenantChannels) throws -> SourceEventStream {
        let channel = try channels.chat(sessionID)
        return SourceEventStream(
            of: channel, on: self.environment.bus, sharingKey: channels.sharingKey(for: channel),
            onSkipped: self.environment.onSkipped
        ) { message throws(SkippedMessage) in
            let (members, trace) = try Payload.read(message, for: channels)
            let isOwn = members["session_id"].map { Payload.identifies($0, sessionID) } == true
            guard isOwn || channels.names.faults.contains(.chatSessionIgnored) else {
                throw SkippedMessage(reason: SkipReasons.otherSession)
            }
            return .event(Self.shape.object(members), in: trace)
        }
    }

    /// - Parameter trace: That of the request, which the answer belongs to as well.
    private func send(
        _ content: String, to sessionID: String, _ channels: TenantChannels, in trace: TraceContext?
    ) async throws -> ResolvedValue {
        guard (1...Self.longestContent).contains(content.count) else {
            throw GraphQLError.badInput(ClientMessages.characters("A message", upTo: Self.longestContent))
        }
        let channel = try channels.chat(sessionID)
        let message = self.message(content, from: "user", in: sessionID, channels)
        _ = try await self.environment.bus.publishForClient(Payload.encoded(message, in: trace), to: channel)
        let answers = self.assistant.run {
            // Nobody is told of an answer that cannot be sent: its readers see that the stream is interrupted.
            guard (try? await self.environment.timers.wait(for: Self.pause)) != nil else { return }
            let answer = self.message("You wrote: “\(content)”", from: "assistant", in: sessionID, channels)
            _ = try? await self.environment.bus.publish(Payload.encoded(answer, in: trace), to: channel)
        }
        guard answers else {
            throw GraphQLError(BusError(.overloaded, "the assistant has too much to answer already"))
        }
        return Self.shape.object(message)
    }

    private func message(
        _ content: String, from role: String, in sessionID: String, _ channels: TenantChannels
    ) -> JSONObject {
        [
            "tenant_id": .string(channels.tenant), "message_id": .string(self.environment.makeID()),
            "session_id": .string(sessionID), "role": .string(role), "content": .string(content),
            "timestamp": .string(self.environment.now()),
        ]
    }
}
