import PubSub

// What belongs to no single customer. The tenant stands before the name unless the layout is that of publishers
// without tenants and they have a name for it. What only this server publishes has the tenant in every layout.
extension TenantChannels {
    /// All changes to services.
    func serviceUpdates() throws -> ChannelName { try self.name("services:updated", hasTenant: true) }

    /// Requests for services.
    func serviceRequests() throws -> ChannelName { try self.name("services:requested", hasTenant: true) }

    /// Changes in the status of services.
    func serviceStatus() throws -> ChannelName { try self.name("services:status", hasTenant: true) }

    /// All events of support tickets.
    func supportTickets() throws -> ChannelName { try self.name("support:tickets", hasTenant: true) }

    /// Ids of documents that have changed.
    func documents() throws -> ChannelName { try self.seedName("documents:\(self.tenant)") }

    /// Messages of a chat.
    ///
    /// - Throws: `GraphQLError` when the id must not be part of a name.
    func chat(_ sessionID: String) throws -> ChannelName {
        try self.seedName("chat:\(self.names.usable(sessionID, "sessionId"))")
    }

    /// The key of the hash in which a query's progress is written.
    ///
    /// - Throws: `GraphQLError` when the id must not be part of a name.
    func progressKey(_ queryID: String) throws -> String {
        try self.seedName("progress:\(self.names.usable(queryID, "queryId"))").description
    }

    /// The key of the hash that holds all records of one kind, such as `services`.
    func recordsKey(_ kind: String) throws -> String {
        try self.name("records:\(kind)", hasTenant: true).description
    }

    /// The key under which the overview of a customer is kept.
    ///
    /// - Throws: `GraphQLError` when the id must not be part of a name.
    func customerKey(_ id: String) throws -> String {
        try self.recordsKey("customer:\(self.names.usable(id, "id"))")
    }

    private func seedName(_ name: String) throws -> ChannelName {
        try self.name(name, hasTenant: self.names.layout == .tenant)
    }
}
