package import GraphQLCore

/// Decides who may connect, and as whom operations run.
package protocol ConnectionGate: Sendable {
    /// Decides about a `connection_init`. May take its time; the task is cancelled when the socket ends meanwhile.
    /// - Parameters:
    ///   - initPayload: the payload of the message; nil when it was absent or null.
    ///   - handshake: what was known before.
    /// - Returns: the context of all operations of the socket.
    /// - Throws: `ConnectionRefusal` to refuse; anything else is an internal failure (close 4500), logged and not
    ///   shown.
    func admit(initPayload: JSONObject?, handshake: HandshakeFacts) async throws -> ConnectionAdmission

    /// Decides about an HTTP request that carries an operation.
    /// - Returns: as whom it runs; an acknowledgement's payload is not used.
    /// - Throws: `ConnectionRefusal` to refuse; anything else is an internal failure (status 500).
    func admit(request: HandshakeFacts) async throws -> ConnectionAdmission
}

/// What is known of a client from its HTTP request.
package struct HandshakeFacts: Sendable, Equatable {
    /// One header field; names are in lower case.
    package struct Field: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The request target as it came.
    package var target: String
    /// The header fields in order.
    package var fields: [Field]
    /// The address of the peer, when it is known.
    package var peer: String?

    package init(target: String, fields: [Field] = [], peer: String? = nil) {
        self.target = target
        self.fields = fields
        self.peer = peer
    }

    /// The values of all fields of that name (lower case), in order.
    package func values(of name: String) -> [String] {
        self.fields.filter { $0.name == name }.map(\.value)
    }
}

/// A connection that may operate.
package struct ConnectionAdmission: Sendable {
    /// As whom.
    package var context: any ExecutionContext
    /// Whose limits count, and until when.
    package var principal: Principal
    /// What the acknowledgement tells the client; nil for nothing.
    package var ackPayload: JSONObject?

    package init(
        context: any ExecutionContext, principal: Principal = .anybody, ackPayload: JSONObject? = nil
    ) {
        self.context = context
        self.principal = principal
        self.ackPayload = ackPayload
    }
}
