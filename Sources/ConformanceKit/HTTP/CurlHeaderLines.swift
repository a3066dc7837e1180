import CCurl

/// The header list of one request in the form of libcurl.
final class CurlHeaderLines {
    private(set) var list: UnsafeMutablePointer<curl_slist>?

    init(_ headers: [HTTPHeader]) {
        // "Name:" removes a header that libcurl would add; "Name;" sends one with an empty value.
        let given = Set(headers.map { $0.name.lowercased() })
        for name in ["Accept", "Expect", "Content-Type"] where !given.contains(name.lowercased()) {
            self.append("\(name):")
        }
        for header in headers {
            self.append(header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)")
        }
    }

    deinit {
        curl_slist_free_all(self.list)
    }

    private func append(_ line: String) {
        if let longer = curl_slist_append(self.list, line) { self.list = longer }
    }
}
