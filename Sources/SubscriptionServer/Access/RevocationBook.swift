import Synchronization

/// All that is revoked, as far as this process knows; kept up to date by whoever hears of revocations.
///
/// Looking something up is a matter of memory, so that it costs nothing to ask for every client, and a broker that is
/// away takes nothing back.
package final class RevocationBook: Sendable {
    private struct State {
        var revoked: Set<Revocation> = []
        var isRead = false
        /// What was heard since reading began: whether it is revoked now. Nil while nobody reads.
        var heard: [Revocation: Bool]?
    }

    private let state = Mutex(State())
    /// Told of what has become revoked, after the book knows it.
    private let observer = Mutex<(@Sendable (Set<Revocation>) -> Void)?>(nil)

    package init() {}

    /// Whether the book was read at least once. Before that it cannot be said of anybody that he is not revoked.
    package var isRead: Bool { self.state.withLock { $0.isRead } }

    /// How many entries there are.
    package var count: Int { self.state.withLock { $0.revoked.count } }

    /// Whether the client's token or user is revoked.
    package func isRevoked(_ principal: Principal) -> Bool {
        let revocations = principal.revocations
        guard !revocations.isEmpty else { return false }
        return self.state.withLock { state in revocations.contains { state.revoked.contains($0) } }
    }

    /// Somebody begins to read all of it from where it is kept. What is heard from here on is newer than what is read.
    package func beginReading() {
        self.state.withLock { $0.heard = [:] }
    }

    /// All of it was read.
    package func finishReading(_ read: Set<Revocation>) {
        let new = self.state.withLock { state in
            var revoked = read
            for (revocation, isRevoked) in state.heard ?? [:] {
                if isRevoked { revoked.insert(revocation) } else { revoked.remove(revocation) }
            }
            defer {
                state.revoked = revoked
                state.isRead = true
                state.heard = nil
            }
            return revoked.subtracting(state.revoked)
        }
        self.tell(new)
    }

    /// Something was revoked.
    package func revoke(_ revocation: Revocation) {
        let isNew = self.state.withLock { state in
            state.heard?[revocation] = true
            return state.revoked.insert(revocation).inserted
        }
        if isNew { self.tell([revocation]) }
    }

    /// Something is valid again.
    package func reinstate(_ revocation: Revocation) {
        self.state.withLock { state in
            state.heard?[revocation] = false
            state.revoked.remove(revocation)
        }
    }

    /// Sets who is told; there is one.
    func observe(_ observer: @escaping @Sendable (Set<Revocation>) -> Void) {
        self.observer.withLock { $0 = observer }
    }

    private func tell(_ revoked: Set<Revocation>) {
        guard !revoked.isEmpty else { return }
        let observer = self.observer.withLock { $0 }
        observer?(revoked)
    }
}
