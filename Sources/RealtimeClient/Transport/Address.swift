private import Foundation

/// Where a server is, taken from a URL.
struct Address: Sendable, Hashable {
    let host: String
    let port: Int
    let isSecure: Bool
    /// Path and query.
    var target: String

    /// What a `Host` field says.
    var authority: String {
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return self.port == (self.isSecure ? 443 : 80) ? host : "\(host):\(self.port)"
    }

    /// - Parameter url: With scheme http, https, ws or wss; which of the two kinds does not matter.
    /// - Throws: `RealtimeClient.Unusable`.
    init(url: String) throws(RealtimeClient.Unusable) {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(), let host = parts.host,
            !host.isEmpty
        else {
            throw RealtimeClient.Unusable("\"\(url)\" is no URL like ws://127.0.0.1:4000/graphql")
        }
        guard ["http", "https", "ws", "wss"].contains(scheme) else {
            throw RealtimeClient.Unusable("\"\(url)\" must begin with http, https, ws or wss")
        }
        guard parts.user == nil else {
            throw RealtimeClient.Unusable("a name or password in the URL is not supported; give a token instead")
        }
        self.isSecure = scheme == "https" || scheme == "wss"
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        self.port = parts.port ?? (self.isSecure ? 443 : 80)
        let path = parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath
        self.target = path + (parts.percentEncodedQuery.map { "?\($0)" } ?? "")
    }

    /// Adds a parameter to the query.
    mutating func addQuery(_ name: String, _ value: String) {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        let value = value.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        self.target += (self.target.contains("?") ? "&" : "?") + "\(name)=\(value)"
    }
}
