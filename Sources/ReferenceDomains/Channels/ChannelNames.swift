package import GraphQLCore
package import PubSub

/// How domain events are named on the bus.
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
    package let tenant: String

    /// - Parameters:
    ///   - prefix: Put before every name, at most 128 bytes without CR, LF or NUL; usually empty.
    ///   - tenant: Whose channels they are; the rules are those of an id.
    /// - Throws: `GraphQLError` with the reason when the prefix or tenant cannot be part of a name.
    package init(prefix: String = "", layout: Layout = .tenant, tenant: String = "public") throws(GraphQLError) {
        guard prefix.utf8.count <= Self.maximumIDBytes, !prefix.utf8.contains(where: Self.breaksLines) else {
            throw GraphQLError(
                message: "A channel prefix has at most \(Self.maximumIDBytes) bytes, and no CR, LF or NUL.")
        }
        self.prefix = prefix
        self.layout = layout
        self.tenant = try Self.checked(tenant, "tenant")
    }

    /// The channel of one kind of event of a customer, such as `network_status`.
    ///
    /// - Throws: `GraphQLError` when the id must not be part of a name.
    package func customer(_ id: String, _ kind: String) throws -> ChannelName {
        let id = try Self.checked(id, "customerId")
        return try self.name("customer:\(id):\(kind)", hasTenant: self.layout == .tenant)
    }

    /// The channel of a topic of the fixture; it has the tenant in every layout.
    ///
    /// - Throws: `GraphQLError` when the topic's name must not be part of a name.
    package func topic(_ name: String) throws -> ChannelName {
        try self.name("topic:\(try Self.checked(name, "name"))", hasTenant: true)
    }

    private func name(_ rest: String, hasTenant: Bool) throws -> ChannelName {
        try ChannelName(self.prefix + (hasTenant ? self.tenant + ":" : "") + rest)
    }

    /// Refuses ids that would change the meaning of a name: `:` separates its parts, `*`, `?`, `[` and `]` are
    /// wildcards in patterns, `\` escapes them, and control characters spoil whatever is written line by line.
    private static func checked(_ id: String, _ argument: String) throws(GraphQLError) -> String {
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

    private static let reserved = Array(":*?[]\\".utf8)

    private static func breaksLines(_ byte: UInt8) -> Bool { byte == 0x0D || byte == 0x0A || byte == 0 }

    private static func refusal(_ argument: String, _ rule: String) -> GraphQLError {
        GraphQLError(
            message: "Argument \"\(argument)\" cannot be used: it \(rule).", extensions: ["code": "BAD_USER_INPUT"])
    }
}
