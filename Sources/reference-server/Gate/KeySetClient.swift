import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Fetches a published set of keys over HTTP.
///
/// No redirects: keys are believed because of the address that the operator gave.
struct KeySetClient: Sendable {
    /// What went wrong, without the content.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// From the request to the end of the answer.
    private static let timeout: TimeAmount = .seconds(5)
    private let url: String
    private let client: HTTPClient

    init(_ url: String) {
        self.url = url
        self.client = .shared
    }

    /// The answer's body.
    ///
    /// - Throws: `Failure` for any other status than 200, and what the client throws.
    func fetch() async throws -> [UInt8] {
        var request = HTTPClientRequest(url: self.url)
        request.headers.add(name: "Accept", value: "application/jwk-set+json, application/json")
        let response = try await self.client.execute(request, timeout: Self.timeout)
        guard response.status == .ok else { throw Failure(description: "status \(response.status.code)") }
        let body = try await response.body.collect(upTo: KeyFile.maximumBytes)
        return Array(body.readableBytesView)
    }
}
