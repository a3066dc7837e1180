package import GraphQLCore

/// The schema of the reference server with the code behind it.
package struct ReferenceSchema: Sendable {
    /// The type system text, one source for each file.
    package let sources: [SDLSource]
    /// A resolver for each field that needs one.
    package let resolvers: Resolvers

    /// - Parameters:
    ///   - environment: What the domains work with.
    ///   - fixture: Operations for those who test the server; nil outside test mode.
    package init(_ environment: DomainEnvironment, fixture: Fixture?) {
        var sources = Self.domainSources
        var resolvers = Resolvers()
        resolvers.scalar("DateTime", .dateTime)
        resolvers.scalar("Decimal", .decimal)
        resolvers.scalar("JSON", .json)
        resolvers.merge(Customers(environment).resolvers)
        resolvers.merge(Services(environment).resolvers)
        resolvers.merge(Tickets(environment).resolvers)
        resolvers.merge(Documents(environment).resolvers)
        resolvers.merge(Operations(environment).resolvers)
        if let fixture {
            sources.append(Self.source("fixture.graphql", PackageResources.fixture_graphql))
            resolvers.merge(fixture.resolvers)
        }
        self.sources = sources
        self.resolvers = resolvers
    }

    /// The type system text of the domains, without the fixture.
    package static var domainSources: [SDLSource] {
        [
            Self.source("base.graphql", PackageResources.base_graphql),
            Self.source("customers.graphql", PackageResources.customers_graphql),
            Self.source("customer-inputs.graphql", PackageResources.customer_inputs_graphql),
            Self.source("services.graphql", PackageResources.services_graphql),
            Self.source("tickets.graphql", PackageResources.tickets_graphql),
            Self.source("documents.graphql", PackageResources.documents_graphql),
            Self.source("operations.graphql", PackageResources.operations_graphql),
        ]
    }

    private static func source(_ name: String, _ bytes: [UInt8]) -> SDLSource {
        SDLSource(name: name, text: String(decoding: bytes, as: UTF8.self))
    }
}
