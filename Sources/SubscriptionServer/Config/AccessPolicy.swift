/// What the server sees to while clients are connected, beside the gate that lets them in.
package struct AccessPolicy: Sendable, Equatable {
    /// What becomes of a connection when the token that it was opened with ends.
    package enum TokenExpiry: String, Sendable, CaseIterable {
        /// It ends at that time: sockets are closed with 4403 `Token expired`, streams end with an error
        /// `TOKEN_EXPIRED`.
        case close
        /// As `close`, but each operation of a socket is first ended with an error `TOKEN_EXPIRED`.
        case endOperations = "end-operations"
        /// It stays; only a new connection needs a new token.
        case keep
    }

    /// What becomes of a connection when its token ends.
    package var tokenExpiry = TokenExpiry.close
    /// From where browsers may come.
    package var origins = OriginPolicy()

    package init() {}
}
