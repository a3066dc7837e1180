package import GraphQLCore

/// How domain events are named on the bus. Names themselves are made by `TenantChannels`, for one tenant at a time, so
/// that nothing can be published or listened to without saying for whom.
package struct ChannelNames: Sendable {
    /// Whether names say whose they are.
    package enum Layout: String, Sendable, CaseIterable {
        /// `{prefix}{tenant}:customer:{id}:…`
        case tenant
        /// `{prefix}customer:{id}:…`, as publishers without tenants write them.
        case seed
    }

    /// The longest id, in bytes of UTF-8, inclusive.
    package static let maximumIDBytes = 128

    package let prefix: String
    package let layout: Layout
    /// Whose the messages are that say nothing of a tenant, on channels that say nothing of one either.
    package let defaultTenant: String
    /// What is done wrong on purpose; nothing in earnest.
    package let faults: DomainFaults

    /// - Parameters:
    ///   - prefix: Put before every name, at most 128 bytes without CR, LF or NUL; usually empty.
    ///   - defaultTenant: The tenant of clients without a token; the rules are those of an id.
    ///   - faults: What is done wrong on purpose; nothing in earnest.
    /// - Throws: `GraphQLError` with the reason when the prefix or tenant cannot be part of a name.
    package init(
        prefix: String = "", layout: Layout = .tenant, defaultTenant: String = "public", faults: DomainFaults = []
    ) throws(GraphQLError) {
        guard prefix.utf8.count <= Self.maximumIDBytes, !prefix.utf8.contains(where: Self.breaksLines) else {
            throw GraphQLError(
                message: "A channel prefix has at most \(Self.maximumIDBytes) bytes, and no CR, LF or NUL.")
        }
        self.prefix = prefix
        self.layout = layout
        self.defaultTenant = try Self.checked(defaultTenant, "tenant")
        self.faults = faults
    }

    /// The channels of the tenant of a client.
    ///
    /// - Throws: `GraphQLError` when the tenant must not be part of a name; no verified identity has such a one.
    package func of(_ identity: Identity) throws(GraphQLError) -> TenantChannels {
        try self.of(tenant: identity.tenant)
    }

    /// The channels of the tenant of a client that names the tenant in an argument as well.
    ///
    /// - Throws: `GraphQLError` with `FORBIDDEN` when that is not its own; whether it exists makes no difference.
    package func of(_ identity: Identity, claimedTenant: String) throws(GraphQLError) -> TenantChannels {
        if self.faults.contains(.tenantFromArgument) { return try self.of(tenant: claimedTenant) }
        guard claimedTenant.utf8.elementsEqual(identity.tenant.utf8) else {
            throw GraphQLError(message: ClientMessages.notYourTenant, extensions: ["code": "FORBIDDEN"])
        }
        return try self.of(identity)
    }

    /// The channels of a tenant, for publishers that act for no client. A tenant never comes from an argument.
    ///
    /// - Throws: `GraphQLError` when the tenant must not be part of a name.
    package func of(tenant: String) throws(GraphQLError) -> TenantChannels {
        TenantChannels(tenant: try Self.checked(tenant, "tenant"), names: self)
    }

    /// Refuses ids that would change the meaning of a name: `:` separates its parts, `*`, `?`, `[` and `]` are
    /// wildcards in patterns, `\` escapes them, and control characters spoil whatever is written line by line.
    static func checked(_ id: String, _ argument: String) throws(GraphQLError) -> String {
        guard !id.isEmpty else {
            throw Self.refusal(argument, "must not be empty")
        }
        guard id.utf8.count <= self.maximumIDBytes else {
            throw Self.refusal(argument, "has at most \(self.maximumIDBytes) bytes, this one has \(id.utf8.count)")
        }
        guard !id.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F || Self.reserved.contains($0) }) else {
            throw Self.refusal(argument, "must not contain : * ? [ ] \\ or control characters")
        }
        return id
    }

    /// The id as it may be part of a name.
    ///
    /// - Throws: `GraphQLError` when it may not.
    func usable(_ id: String, _ argument: String) throws(GraphQLError) -> String {
        guard self.faults.contains(.idsCleaned) else { return try Self.checked(id, argument) }
        let kept = id.utf8.filter { $0 >= 0x20 && $0 != 0x7F && !Self.reserved.contains($0) }
        return String(decoding: kept, as: UTF8.self)
    }

    private static let reserved = Array(":*?[]\\".utf8)

    private static func breaksLines(_ byte: UInt8) -> Bool { byte == 0x0D || byte == 0x0A || byte == 0 }

    private static func refusal(_ argument: String, _ rule: String) -> GraphQLError {
        GraphQLError(
            message: ClientMessages.unusable(argument, rule), extensions: ["code": "BAD_USER_INPUT"])
    }
}
