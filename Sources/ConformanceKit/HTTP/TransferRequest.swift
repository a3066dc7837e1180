/// An HTTP request whose answer is delivered piece by piece.
package struct TransferRequest: Sendable, Equatable {
    package var method: String
    /// An absolute `http://` or `https://` URL.
    package var url: String
    /// Sent in this order, as `HTTPRequest.headers`.
    package var headers: [HTTPHeader]
    /// Nil sends none.
    package var body: [UInt8]?
    package var version: Version
    /// How the server's certificate is looked at.
    package var tls: Profile.TLS
    /// More bytes of a body end the transfer; inclusive.
    package var maximumBodyBytes: Int
    /// Milliseconds for TCP and TLS.
    package var connectTimeout: Int
    /// May use a connection that an earlier transfer left open.
    package var mayReuse: Bool

    package enum Version: String, Sendable, Codable, CaseIterable {
        case one = "1.1"
        /// With prior knowledge on plain connections, by ALPN on those with TLS.
        case two = "2"
    }

    package init(
        method: String, url: String, headers: [HTTPHeader] = [], body: [UInt8]? = nil, version: Version = .one,
        tls: Profile.TLS = Profile.TLS(), maximumBodyBytes: Int = 32 << 20, connectTimeout: Int = 5_000,
        mayReuse: Bool = false
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.version = version
        self.tls = tls
        self.maximumBodyBytes = maximumBodyBytes
        self.connectTimeout = connectTimeout
        self.mayReuse = mayReuse
    }
}

/// What becomes of a transfer, in order: heads, then pieces of the body, then one end.
package enum TransferEvent: Sendable, Equatable {
    /// The head of the final answer (those of 100 to 199 are passed over).
    case head(TransferHead)
    case body([UInt8])
    case ended(TransferEnd)
}

/// The head of an answer.
package struct TransferHead: Sendable, Equatable, Codable {
    /// `1.0`, `1.1` or `2`, as the status line says.
    package var version: String
    package var status: Int
    package var headers: [HTTPHeader]
    /// The lines as they came (for HTTP/2, as libcurl writes them).
    package var raw: Bytes

    /// The values of a header, name compared without case.
    package func values(_ name: String) -> [String] {
        self.headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }
}

/// How a transfer ended.
package struct TransferEnd: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Codable, CaseIterable {
        /// The answer is whole.
        case clean
        /// There was no connection.
        case refused
        /// The connection ended before the answer was whole.
        case cut
        /// TLS could not be agreed upon.
        case tls
        /// More bytes than were asked for.
        case tooLong = "too-long"
        /// We ended it.
        case local
        /// What came is no HTTP, or libcurl failed for another reason.
        case other
    }

    package var kind: Kind
    /// The words of libcurl; empty for a clean end.
    package var detail: String

    package init(_ kind: Kind, _ detail: String = "") {
        self.kind = kind
        self.detail = detail
    }
}
