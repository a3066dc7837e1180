import GraphQLCore
import SubscriptionServer

/// What processes tell each other when something is revoked or valid again: a JSON object.
struct RevocationNotice: Equatable {
    let revocation: Revocation
    /// Whether it is revoked, and not valid again.
    let isRevoked: Bool

    init(_ revocation: Revocation, isRevoked: Bool) {
        self.revocation = revocation
        self.isRevoked = isRevoked
    }

    /// Nil for anything that is no notice.
    init?(_ message: [UInt8]) {
        guard let members = try? JSONReader.read(message, limits: .init(bytes: 4096)).objectValue,
            let isRevoked = ["revoke": true, "reinstate": false][members["action"]?.stringValue ?? ""]
        else { return nil }
        if let id = members["jti"]?.stringValue {
            self.init(.token(id), isRevoked: isRevoked)
        } else if let tenant = members["tenant_id"]?.stringValue, let user = members["user"]?.stringValue {
            self.init(.user(tenant: tenant, user: user), isRevoked: isRevoked)
        } else {
            return nil
        }
    }

    var message: [UInt8] {
        var members: JSONObject = ["action": .string(self.isRevoked ? "revoke" : "reinstate")]
        switch self.revocation {
        case .token(let id): members["jti"] = .string(id)
        case .user(let tenant, let user):
            members["tenant_id"] = .string(tenant)
            members["user"] = .string(user)
        }
        return JSONValue.object(members).encoded()
    }
}
