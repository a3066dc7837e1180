/// One HTTP request as the runner sends it.
package struct HTTPRequest: Sendable, Equatable {
    /// The method, sent as written (`GET`, `POST`, or one that does not exist).
    package var method: String
    /// An absolute `http://` or `https://` URL.
    package var url: String
    /// Sent in this order. A header that libcurl would add on its own (`Accept`, `Expect`, `Content-Type`) is sent only
    /// if it stands here; an empty value is sent as an empty header.
    package var headers: [HTTPHeader]
    /// The body; `nil` sends none.
    package var body: [UInt8]?
    /// The longest time until the whole response is here, including the connection; not zero.
    package var timeout: Duration
    /// The largest body in bytes that is kept, inclusive; a longer one fails the request.
    package var maximumBodyBytes: Int
    /// The path of a unix socket that is used instead of the URL's host; `nil` for TCP.
    package var unixSocket: String?

    /// A request; without a method it is a `GET`.
    package init(
        method: String = "GET", url: String, headers: [HTTPHeader] = [], body: [UInt8]? = nil,
        timeout: Duration = .seconds(5), maximumBodyBytes: Int = 16 << 20
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.maximumBodyBytes = maximumBodyBytes
    }
}

/// One header line.
package struct HTTPHeader: Sendable, Equatable, Codable {
    /// The name in the case of the sender.
    package var name: String
    /// The value without leading and trailing white space.
    package var value: String

    /// A header line.
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// One complete HTTP response; redirects are not followed and no coding is undone.
package struct HTTPResponse: Sendable, Equatable {
    /// The status code of the final response, 100 to 999.
    package var status: Int
    /// The header lines of the final response in order, repeated ones included.
    package var headers: [HTTPHeader]
    /// The body as received.
    package var body: [UInt8]
    /// From the call to the last byte.
    package var elapsed: Duration

    /// A response.
    package init(status: Int, headers: [HTTPHeader], body: [UInt8], elapsed: Duration) {
        self.status = status
        self.headers = headers
        self.body = body
        self.elapsed = elapsed
    }

    /// The values of every header of this name, compared without regard to ASCII case (RFC 9110 §5.1).
    package func values(of name: String) -> [String] {
        let wanted = name.lowercased()
        return self.headers.filter { $0.name.lowercased() == wanted }.map(\.value)
    }
}

/// Why no response came.
package struct HTTPClientError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong, as far as a verdict depends on it.
    package enum Kind: String, Sendable, Equatable, Codable {
        /// The URL cannot be read, or names a scheme other than http and https.
        case badURL
        /// No TCP connection, or the name does not resolve.
        case cannotConnect
        /// The connection ended before a complete response.
        case connectionLost
        /// The timeout of the request passed.
        case timedOut
        /// The body is longer than the request allows.
        case bodyTooLarge
        /// What came is no HTTP, or libcurl failed for another reason.
        case other
    }

    /// What went wrong.
    package var kind: Kind
    /// One sentence for the reader of a report.
    package var message: String

    package var description: String { self.message }
}
