import CCurl

/// One easy handle of libcurl with its kept connections.
///
/// `@unchecked Sendable`: libcurl allows a handle on any thread as long as only one uses it at a time. `HTTPClient`
/// takes a handle out of its list under a lock, uses it on one thread and puts it back under the lock.
final class CurlHandle: @unchecked Sendable {
    private let raw: UnsafeMutableRawPointer

    /// `curl_global_init` is to be called once, before any other function of the library.
    static let globalSetUp: Bool = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    /// `nil` if libcurl is out of resources.
    init?() {
        guard let raw = curl_easy_init() else { return nil }
        self.raw = raw
    }

    deinit {
        curl_easy_cleanup(self.raw)
    }

    /// Makes one transfer; blocks the thread until it is over or its timeout has passed.
    func perform(_ request: HTTPRequest) -> Result<HTTPResponse, HTTPClientError> {
        curl_easy_reset(self.raw)
        let collector = ResponseCollector(limit: request.maximumBodyBytes)
        let headerLines = CurlHeaderLines(request.headers)
        let started = ContinuousClock.now
        let code = self.transfer(request, headers: headerLines, into: collector)
        let elapsed = started.duration(to: .now)
        if collector.overflowed {
            let message = "The body is longer than \(request.maximumBodyBytes) bytes."
            return .failure(HTTPClientError(kind: .bodyTooLarge, message: message))
        }
        guard code == CURLE_OK else {
            let text = String(cString: curl_easy_strerror(code))
            return .failure(
                HTTPClientError(
                    kind: Self.kind(of: code, request.url), message: "\(request.method) \(request.url): \(text)."))
        }
        var status = 0
        _ = gqc_curl_get_long(self.raw, CURLINFO_RESPONSE_CODE, &status)
        return .success(
            HTTPResponse(status: status, headers: collector.headers, body: collector.body, elapsed: elapsed))
    }

    private func transfer(_ request: HTTPRequest, headers: CurlHeaderLines, into collector: ResponseCollector)
        -> CURLcode
    {
        let handle = self.raw
        let context = Unmanaged.passUnretained(collector).toOpaque()
        _ = gqc_curl_set_string(handle, CURLOPT_URL, request.url)
        _ = gqc_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        // A proxy from the environment would judge another server than the one that was named.
        _ = gqc_curl_set_string(handle, CURLOPT_PROXY, "")
        if let socket = request.unixSocket { _ = gqc_curl_set_string(handle, CURLOPT_UNIX_SOCKET_PATH, socket) }
        _ = gqc_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = gqc_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        _ = gqc_curl_set_long(handle, CURLOPT_PATH_AS_IS, 1)
        _ = gqc_curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        _ = gqc_curl_set_long(handle, CURLOPT_TIMEOUT_MS, max(1, request.timeout.wholeMilliseconds))
        _ = gqc_curl_set_list(handle, CURLOPT_HTTPHEADER, headers.list)
        _ = gqc_curl_set_data_callback(
            handle, CURLOPT_HEADERFUNCTION,
            { bytes, size, count, context in
                ResponseCollector.from(context)?.receiveHeader(bytes, size * count) ?? 0
            }, CURLOPT_HEADERDATA, context)
        _ = gqc_curl_set_data_callback(
            handle, CURLOPT_WRITEFUNCTION,
            { bytes, size, count, context in
                ResponseCollector.from(context)?.receiveBody(bytes, size * count) ?? 0
            }, CURLOPT_WRITEDATA, context)
        if request.method == "HEAD" {
            _ = gqc_curl_set_long(handle, CURLOPT_NOBODY, 1)
        }
        guard let body = request.body else {
            _ = gqc_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method)
            return withExtendedLifetime(collector) { curl_easy_perform(handle) }
        }
        // An empty array has no address, and a null pointer would make libcurl read the body from a callback.
        let bytes = body.isEmpty ? [0] : body
        return bytes.withUnsafeBufferPointer { buffer in
            _ = gqc_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            _ = gqc_curl_set_pointer(handle, CURLOPT_POSTFIELDS, buffer.baseAddress)
            _ = gqc_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method)
            return withExtendedLifetime(collector) { curl_easy_perform(handle) }
        }
    }

    private static func kind(of code: CURLcode, _ url: String) -> HTTPClientError.Kind {
        switch code {
        // Also the code for an answer without a status line (HTTP/0.9), which is no fault of the URL.
        case CURLE_UNSUPPORTED_PROTOCOL: url.lowercased().hasPrefix("http") ? .other : .badURL
        case CURLE_URL_MALFORMAT: .badURL
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST: .cannotConnect
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE: .connectionLost
        default: .other
        }
    }
}

/// Gathers what the callbacks of one transfer deliver; used by the thread of the transfer only.
private final class ResponseCollector {
    private let limit: Int
    private(set) var headers: [HTTPHeader] = []
    private(set) var body: [UInt8] = []
    private(set) var overflowed = false

    init(limit: Int) {
        self.limit = limit
    }

    static func from(_ context: UnsafeMutableRawPointer?) -> ResponseCollector? {
        context.map { Unmanaged<ResponseCollector>.fromOpaque($0).takeUnretainedValue() }
    }

    func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let bytes else { return count }
        let raw = UnsafeRawBufferPointer(start: bytes, count: count)
        let line = String(decoding: raw, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // A status line starts the next response; only the last one counts (100 Continue comes first).
            self.headers.removeAll()
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...]
            self.headers.append(HTTPHeader(name: String(line[..<colon]), value: Self.trimmed(value)))
        }
        return count
    }

    func receiveBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let bytes else { return count }
        guard self.body.count + count <= self.limit else {
            self.overflowed = true
            return 0
        }
        self.body.append(contentsOf: UnsafeRawBufferPointer(start: bytes, count: count))
        return count
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
