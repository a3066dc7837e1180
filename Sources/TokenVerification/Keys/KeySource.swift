/// Where the keys come from.
package protocol KeySource: Sendable {
    /// The keys now. Asks for them again when they are due to be asked for.
    ///
    /// - Throws: `UnusableKey` when there are none.
    func keys() async throws(UnusableKey) -> KeySet

    /// The keys after asking for them again, because a token named one that is not among the present ones. Nil when
    /// that was done too recently, or the source does not change.
    func newerKeys() async -> KeySet?
}

/// Keys that do not change while the server runs.
package struct FixedKeys: KeySource {
    private let set: KeySet

    package init(_ set: KeySet) {
        self.set = set
    }

    package func keys() async throws(UnusableKey) -> KeySet { self.set }

    package func newerKeys() async -> KeySet? { nil }
}
