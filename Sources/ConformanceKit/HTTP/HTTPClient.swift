import NIOPosix
import Synchronization

/// Sends HTTP requests through libcurl, so that the code that reads the answers of a server is nobody's own.
///
/// Blocking transfers run on a few threads of the client; connections are kept for the next request to the same host.
/// Call `shutdown()` when it is no longer needed.
package final class HTTPClient: Sendable {
    private let threads: NIOThreadPool
    private let idle = Mutex<[CurlHandle]>([])

    /// A client with so many transfers at a time at most.
    package init(threads: Int = 8) {
        _ = CurlHandle.globalSetUp
        self.threads = NIOThreadPool(numberOfThreads: threads)
        self.threads.start()
    }

    /// Sends the request and returns the complete response, whatever its status.
    package func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        let result: Result<HTTPResponse, HTTPClientError>
        do {
            result = try await self.threads.runIfActive { self.perform(request) }
        } catch {
            throw HTTPClientError(kind: .other, message: "The HTTP client has been shut down.")
        }
        return try result.get()
    }

    /// Ends the threads after the transfers in progress; later requests fail.
    package func shutdown() async {
        try? await self.threads.shutdownGracefully()
        self.idle.withLock { $0.removeAll() }
    }

    private func perform(_ request: HTTPRequest) -> Result<HTTPResponse, HTTPClientError> {
        let reused = self.idle.withLock { $0.popLast() }
        guard let handle = reused ?? CurlHandle() else {
            return .failure(HTTPClientError(kind: .other, message: "libcurl could not be initialised."))
        }
        let result = handle.perform(request)
        self.idle.withLock { $0.append(handle) }
        return result
    }
}
