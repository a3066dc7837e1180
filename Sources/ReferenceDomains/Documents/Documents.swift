package import GraphQLCore
import PubSub

/// The documents' side of the schema: the library, questions asked of it, and chats about it.
package struct Documents: Sendable {
    private let environment: DomainEnvironment
    private let retrieval: Retrieval
    private let chat: Chat

    package init(_ environment: DomainEnvironment) {
        self.environment = environment
        self.retrieval = Retrieval(environment)
        self.chat = Chat(environment)
    }

    /// The resolvers of all fields of the domain.
    package var resolvers: Resolvers {
        var resolvers = Resolvers()
        self.addQueries(to: &resolvers)
        self.addMutations(to: &resolvers)
        resolvers.subscription("documentUpdates") { input in
            let claimed = input.arguments.string("tenantId") ?? ""
            return try self.updates(
                self.environment.channels.of(Access.identity(input), claimedTenant: claimed))
        }
        resolvers.merge(self.retrieval.resolvers)
        resolvers.merge(self.chat.resolvers)
        return resolvers
    }

    private func library(_ input: ResolverInput) throws -> DocumentLibrary {
        try DocumentLibrary(self.environment, self.environment.channels.of(Access.identity(input)))
    }

    private func addQueries(to resolvers: inout Resolvers) {
        resolvers.asyncField("Query", "documents") { input in
            .list(try await self.library(input).all(status: input.arguments.string("status")).map(\.resolved))
        }
        resolvers.asyncField("Query", "document") { input in
            try await self.library(input).find(input.arguments.string("id") ?? "")?.resolved ?? .null
        }
    }

    private func addMutations(to resolvers: inout Resolvers) {
        resolvers.asyncField("Mutation", "uploadDocument") { input in
            try await self.library(input).upload(
                input.arguments.object("input")?["filename"]?.stringValue ?? ""
            ).resolved
        }
        resolvers.asyncField("Mutation", "setDocumentStatus") { input in
            try await self.library(input).setStatus(
                input.arguments.string("id") ?? "", input.arguments.string("status") ?? ""
            ).resolved
        }
        resolvers.asyncField("Mutation", "deleteDocument") { input in
            try await self.library(input).setStatus(input.arguments.string("id") ?? "", Document.deleted).resolved
        }
    }

    /// The documents whose ids come on the channel, looked up as they come; an id that is unknown is skipped.
    private func updates(_ channels: TenantChannels) throws -> SourceEventStream {
        let channel = try channels.documents()
        let library = try DocumentLibrary(self.environment, channels)
        let (bus, onSkipped) = (self.environment.bus, self.environment.onSkipped)
        return SourceEventStream(sharingKey: channels.sharingKey(for: channel)) { sink in
            let lookups = OrderedLookups(into: sink) { message in
                guard let id = String(validating: message, as: UTF8.self), !id.isEmpty,
                    id.utf8.count <= ChannelNames.maximumIDBytes, let document = try await library.find(id)
                else {
                    onSkipped(channel, SkipReasons.noDocument)
                    return nil
                }
                return document.update
            }
            let gap = EventGap()
            do {
                let subscription = try await bus.subscribe(to: channel) { event in
                    switch event {
                    case .message(let message):
                        lookups.add(message)
                        gap.told()
                    case .interrupted: gap.begins()
                    case .resumed: gap.notice.map(sink.notice)
                    case .ended(let error): lookups.end(error)
                    }
                }
                return SourceCancellation {
                    subscription.cancel()
                    lookups.cancel()
                }
            } catch let error as BusError {
                lookups.cancel()
                throw GraphQLError(error)
            }
        }
    }
}
