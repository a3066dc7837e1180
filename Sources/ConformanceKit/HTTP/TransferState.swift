import CCurl
import CProcess
import Glibc

/// One transfer of the engine: its easy handle and what its callbacks gather. Used by the engine's thread only.
final class TransferState {
    let id: Int
    let easy: UnsafeMutableRawPointer
    private let request: TransferRequest
    private let observer: @Sendable (TransferEvent) -> Bool
    private let headers: CurlHeaderLines
    /// Kept alive for libcurl, which reads it during the transfer.
    private let body: [UInt8]
    private var head: TransferHead?
    private var rawHead: [UInt8] = []
    private var received = 0
    private var hasOverflowed = false
    private var route: UnsafeMutablePointer<curl_slist>?

    /// Nil if libcurl is out of resources.
    init?(id: Int, _ request: TransferRequest, _ observer: @escaping @Sendable (TransferEvent) -> Bool) {
        guard let easy = curl_easy_init() else { return nil }
        self.id = id
        self.easy = easy
        self.request = request
        self.observer = observer
        self.headers = CurlHeaderLines(request.headers)
        // An empty array has no address, and a null pointer would make libcurl read the body from a callback.
        self.body = request.body.map { $0.isEmpty ? [0] : $0 } ?? []
    }

    deinit {
        curl_easy_cleanup(self.easy)
        curl_slist_free_all(self.route)
    }

    /// Sets every option. The object has to live as long as the handle is in use.
    func configure() {
        let handle = self.easy
        let context = Unmanaged.passUnretained(self).toOpaque()
        self.setURL()
        _ = gqc_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
        // A proxy from the environment would judge another server than the one that was named.
        _ = gqc_curl_set_string(handle, CURLOPT_PROXY, "")
        _ = gqc_curl_set_long(handle, CURLOPT_NOSIGNAL, 1)
        _ = gqc_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0)
        _ = gqc_curl_set_long(handle, CURLOPT_PATH_AS_IS, 1)
        _ = gqc_curl_set_long(handle, CURLOPT_TCP_NODELAY, 1)
        _ = gqc_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, self.request.connectTimeout)
        _ = gqc_curl_set_long(handle, CURLOPT_HTTP_VERSION, self.version)
        if !self.request.mayReuse {
            _ = gqc_curl_set_long(handle, CURLOPT_FRESH_CONNECT, 1)
            _ = gqc_curl_set_long(handle, CURLOPT_FORBID_REUSE, 1)
        }
        let isVerified = self.request.tls.isVerified
        _ = gqc_curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, isVerified ? 1 : 0)
        _ = gqc_curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, isVerified ? 2 : 0)
        if let file = self.request.tls.authorities { _ = gqc_curl_set_string(handle, CURLOPT_CAINFO, file) }
        _ = gqc_curl_set_list(handle, CURLOPT_HTTPHEADER, self.headers.list)
        _ = gqc_curl_set_data_callback(
            handle, CURLOPT_HEADERFUNCTION,
            { bytes, size, count, context in TransferState.from(context)?.receiveHeader(bytes, size * count) ?? 0 },
            CURLOPT_HEADERDATA, context)
        _ = gqc_curl_set_data_callback(
            handle, CURLOPT_WRITEFUNCTION,
            { bytes, size, count, context in TransferState.from(context)?.receiveBody(bytes, size * count) ?? 0 },
            CURLOPT_WRITEDATA, context)
        if self.request.method == "HEAD" { _ = gqc_curl_set_long(handle, CURLOPT_NOBODY, 1) }
        if let body = self.request.body {
            _ = gqc_curl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
            // libcurl copies the bytes, so the buffer need not stay where it is.
            _ = self.body.withUnsafeBufferPointer {
                gqc_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)
            }
        }
        _ = gqc_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, self.request.method)
    }

    /// A server that is known by another name than its address is asked for by that name, at the address.
    private func setURL() {
        var url = self.request.url
        let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
        let end = url[start...].firstIndex { $0 == "/" || $0 == "?" } ?? url.endIndex
        if let name = self.request.tls.serverName, url.hasPrefix("https:") {
            let authority = url[start..<end]
            let port = authority.hasSuffix("]") ? nil : authority.lastIndex(of: ":").map { authority[$0...] }
            let host = authority.dropLast(port?.count ?? 0)
            self.route = curl_slist_append(nil, "::\(host):")
            _ = gqc_curl_set_list(self.easy, CURLOPT_CONNECT_TO, self.route)
            url.replaceSubrange(start..<end, with: name + (port ?? ""))
        }
        _ = gqc_curl_set_string(self.easy, CURLOPT_URL, url)
    }

    private var version: Int {
        switch self.request.version {
        case .one: Int(CURL_HTTP_VERSION_1_1)
        case .two:
            self.request.url.lowercased().hasPrefix("https:")
                ? Int(CURL_HTTP_VERSION_2TLS) : Int(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE)
        }
    }

    /// Makes the kernel answer the end of the connection with RST instead of FIN.
    func resetOnClose() {
        var socket = curl_socket_t(-1)
        guard gqc_curl_get_socket(self.easy, &socket) == CURLE_OK, socket >= 0 else { return }
        var value = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(socket, SOL_SOCKET, SO_LINGER, &value, socklen_t(MemoryLayout<linger>.size))
    }

    /// Packets of the server no longer reach the connection, so they are not acknowledged.
    func vanish() {
        var socket = curl_socket_t(-1)
        guard gqc_curl_get_socket(self.easy, &socket) == CURLE_OK, socket >= 0 else { return }
        _ = gqc_drop_incoming(socket)
    }

    /// Tells the observer how libcurl says that it ended.
    func end(_ code: CURLcode) {
        if code == CURLE_OK {
            self.announceHead()
            _ = self.observer(.ended(TransferEnd(.clean)))
            return
        }
        if self.hasOverflowed {
            let detail = "more bytes than can be kept"
            _ = self.observer(.ended(TransferEnd(.tooLong, detail)))
            return
        }
        let detail = String(cString: curl_easy_strerror(code))
        _ = self.observer(.ended(TransferEnd(Self.kind(of: code), detail)))
    }

    func endLocally() { _ = self.observer(.ended(TransferEnd(.local))) }

    private static func kind(of code: CURLcode) -> TransferEnd.Kind {
        switch code {
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_OPERATION_TIMEDOUT: .refused
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2,
            CURLE_HTTP2_STREAM:
            .cut
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER,
            CURLE_SSL_CERTPROBLEM:
            .tls
        default: .other
        }
    }

    // MARK: Callbacks

    private static func from(_ context: UnsafeMutableRawPointer?) -> TransferState? {
        context.map { Unmanaged<TransferState>.fromOpaque($0).takeUnretainedValue() }
    }

    private func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let bytes else { return count }
        let line = UnsafeRawBufferPointer(start: bytes, count: count)
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            // A status line starts the next head; those of 100 to 199 come before the one that counts.
            let words = text.split(separator: " ", maxSplits: 2)
            let status = words.count > 1 ? Int(words[1].prefix { $0.isNumber }) ?? 0 : 0
            self.head = TransferHead(
                version: String(words[0].dropFirst("HTTP/".count)), status: status, headers: [], raw: Bytes([]))
            self.rawHead = Array(line)
            return count
        }
        // Trailers come behind the body and belong to no head.
        guard self.head != nil else { return count }
        self.rawHead.append(contentsOf: line)
        if text == "\r\n" || text == "\n" {
            if let status = self.head?.status, status >= 200 || status == 101 { self.announceHead() }
        } else if let colon = text.firstIndex(of: ":") {
            self.head?.headers.append(
                HTTPHeader(name: String(text[..<colon]), value: Self.trimmed(text[text.index(after: colon)...])))
        }
        return count
    }

    private func announceHead() {
        guard var head = self.head else { return }
        head.raw = Bytes(self.rawHead)
        self.head = nil
        self.rawHead = []
        _ = self.observer(.head(head))
    }

    private func receiveBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        guard let bytes else { return count }
        self.announceHead()
        self.received += count
        guard self.received <= self.request.maximumBodyBytes,
            self.observer(.body(Array(UnsafeRawBufferPointer(start: bytes, count: count))))
        else {
            self.hasOverflowed = true
            return 0
        }
        return count
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }
}
