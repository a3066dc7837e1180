package import GraphQLCore
package import PubSub

/// The schema of the reference server with the code behind it.
package struct ReferenceSchema: Sendable {
    /// The type system text, one source for each file.
    package let sources: [SDLSource]
    /// A resolver for each field that needs one.
    package let resolvers: Resolvers

    /// - Parameters:
    ///   - bus: Carries all events.
    ///   - fixture: Operations for those who test the server; nil outside test mode.
    ///   - onSkipped: Told of each message on the bus that could not be used, with its channel and the reason.
    package init(
        bus: any MessageBus, channels: ChannelNames, fixture: Fixture?,
        onSkipped: @escaping @Sendable (ChannelName, String) -> Void = { _, _ in }
    ) {
        var sources = [
            Self.source("base.graphql", PackageResources.base_graphql),
            Self.source("customers.graphql", PackageResources.customers_graphql),
        ]
        var resolvers = Customers(bus: bus, channels: channels, onSkipped: onSkipped).resolvers
        if let fixture {
            sources.append(Self.source("fixture.graphql", PackageResources.fixture_graphql))
            resolvers.merge(fixture.resolvers)
        }
        self.sources = sources
        self.resolvers = resolvers
    }

    private static func source(_ name: String, _ bytes: [UInt8]) -> SDLSource {
        SDLSource(name: name, text: String(decoding: bytes, as: UTF8.self))
    }
}
