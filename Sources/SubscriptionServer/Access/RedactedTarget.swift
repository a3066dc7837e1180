/// Request targets as they may be logged.
package enum RedactedTarget {
    private static let secrets = ["token", "access_token"]

    /// The target with `***` in place of every token in its query. A parameter whose name could be read as a token's
    /// is redacted too.
    package static func text(_ target: String) -> String {
        guard let mark = target.firstIndex(of: "?") else { return target }
        let query = target[target.index(after: mark)...]
        let members = query.split(separator: "&", omittingEmptySubsequences: false).map { member -> String in
            guard let sign = member.firstIndex(of: "=") else { return String(member) }
            let name = member[..<sign]
            let isPlain = name.utf8.allSatisfy { $0 != UInt8(ascii: "%") } && !self.secrets.contains(name.lowercased())
            return isPlain ? String(member) : name + "=***"
        }
        return target[...mark] + members.joined(separator: "&")
    }
}
