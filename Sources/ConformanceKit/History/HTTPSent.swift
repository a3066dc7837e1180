/// An HTTP request of the runner, as it was handed to libcurl.
package struct HTTPSent: Sendable, Codable, Equatable {
    /// What the answer is for.
    package enum Role: String, Sendable, Codable {
        /// The answer is that of the connection (`http`); an event stream is read without an envelope.
        case answer
        /// The answer is the event stream of one operation (distinct connections mode).
        case distinct
        /// Reserves a stream (single connection mode).
        case reserve
        /// The answer is the stream of all operations (single connection mode).
        case shared
        /// Starts or ends an operation whose results come on the shared stream.
        case request
    }

    package var role: Role
    package var method: String
    package var url: String
    /// `1.1` or `2`.
    package var version: String
    package var headers: [HTTPHeader]
    package var body: Bytes?
    /// The scenario's id of the operation.
    package var operation: String?
    /// True where the answer may be an event stream that is not GraphQL's, whose events have names of their own.
    package var plain: Bool?

    package init(
        role: Role, method: String, url: String, version: String = "1.1", headers: [HTTPHeader] = [],
        body: Bytes? = nil, operation: String? = nil, plain: Bool? = nil
    ) {
        self.role = role
        self.method = method
        self.url = url
        self.version = version
        self.headers = headers
        self.body = body
        self.operation = operation
        self.plain = plain
    }
}
