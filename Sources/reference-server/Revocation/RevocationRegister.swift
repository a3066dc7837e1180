import PubSub
import SubscriptionServer

/// Where revocations are kept, for all processes that share a store: two sets, and a channel on which a change is told.
struct RevocationRegister: Sendable {
    let store: any KeyValueStore
    let bus: any MessageBus
    /// Put before the names, as before those of channels.
    let prefix: String

    private var tokens: String { self.prefix + "revoked_tokens" }
    private var users: String { self.prefix + "revoked_users" }

    /// The channel on which changes are told.
    var channel: ChannelName {
        get throws(BusError) { try ChannelName(self.prefix + "revocations") }
    }

    /// Everything that is revoked.
    func read() async throws(BusError) -> Set<Revocation> {
        var revoked = Set(try await self.store.members(of: self.tokens).map { Revocation.token($0) })
        for member in try await self.store.members(of: self.users) {
            // No tenant has a colon in it.
            guard let colon = member.firstIndex(of: ":") else { continue }
            revoked.insert(
                .user(tenant: String(member[..<colon]), user: String(member[member.index(after: colon)...])))
        }
        return revoked
    }

    /// Writes a change down, then tells it: whoever misses the telling reads what is written.
    ///
    /// - Returns: How many processes were told.
    func change(_ notice: RevocationNotice) async throws(BusError) -> Int {
        let (key, member) =
            switch notice.revocation {
            case .token(let id): (self.tokens, id)
            case .user(let tenant, let user): (self.users, "\(tenant):\(user)")
            }
        if notice.isRevoked {
            _ = try await self.store.add([member], to: key)
        } else {
            _ = try await self.store.remove([member], from: key)
        }
        return try await self.bus.publish(notice.message, to: self.channel)
    }
}
