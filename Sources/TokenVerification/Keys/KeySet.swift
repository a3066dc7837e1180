/// The keys that are valid at one time.
package struct KeySet: Sendable {
    /// What becomes of a token's wish for a key.
    enum Choice {
        case key(VerificationKey)
        /// No key has that name; another set may have it.
        case unknown
        /// There are several keys, and the token names none.
        case notNamed
        /// The key is for another algorithm.
        case otherAlgorithm
    }

    package let keys: [VerificationKey]

    /// - Throws: `UnusableKey` when two keys for one algorithm have the same name, or both have none.
    package init(_ keys: [VerificationKey]) throws(UnusableKey) {
        for (index, key) in keys.enumerated()
        where keys[..<index].contains(where: { $0.id == key.id && $0.algorithm == key.algorithm }) {
            throw UnusableKey(
                reason: key.id.map { "two \(key.algorithm.rawValue) keys are called \"\($0)\"" }
                    ?? "two \(key.algorithm.rawValue) keys have no name")
        }
        self.keys = keys
    }

    /// The key for a token. Never any other than the one that is named, or the only one there is.
    func choose(id: String?, algorithm: TokenAlgorithm) -> Choice {
        let named: [VerificationKey]
        if let id {
            named = self.keys.filter { $0.id == id }
            guard !named.isEmpty else { return .unknown }
        } else {
            named = self.keys.count == 1 ? self.keys : self.keys.filter { $0.id == nil }
            guard !named.isEmpty else { return self.keys.isEmpty ? .unknown : .notNamed }
        }
        return named.first { $0.algorithm == algorithm }.map { .key($0) } ?? .otherAlgorithm
    }
}
