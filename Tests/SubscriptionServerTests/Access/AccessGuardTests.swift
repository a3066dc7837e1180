import GraphQLCore
import Logging
import NIOCore
import SubscriptionProtocols
import Synchronization
import Testing

@testable import SubscriptionServer

/// Timers and a clock that a test moves; seconds since 1970.
final class HandTimers: Sendable {
    private struct State {
        var now = 1000.0
        var timers: [Int: (due: Double, call: @Sendable () -> Void)] = [:]
        var lastID = 0
    }

    private let state = Mutex(State())

    var now: Double { self.state.withLock { $0.now } }
    var pending: Int { self.state.withLock { $0.timers.count } }

    func schedule(_ delay: TimeAmount, _ call: @escaping @Sendable () -> Void) -> @Sendable () -> Void {
        let id = self.state.withLock { state in
            state.lastID += 1
            state.timers[state.lastID] = (state.now + Double(delay.nanoseconds) / 1e9, call)
            return state.lastID
        }
        return { self.state.withLock { _ = $0.timers.removeValue(forKey: id) } }
    }

    func advance(by seconds: Double) {
        let end = self.now + seconds
        while let call = self.next(until: end) { call() }
        self.state.withLock { $0.now = end }
    }

    /// The clock is set, and timers know nothing of it.
    func set(_ now: Double) { self.state.withLock { $0.now = now } }

    private func next(until end: Double) -> (@Sendable () -> Void)? {
        self.state.withLock { state in
            guard
                let (id, timer) = state.timers.filter({ $0.value.due <= end }).min(by: { $0.value.due < $1.value.due })
            else { return nil }
            state.timers[id] = nil
            state.now = max(state.now, timer.due)
            return timer.call
        }
    }
}

@Suite("Who may stay", .timeLimit(.minutes(1)))
struct AccessGuardTests {
    private let timers = HandTimers()
    private let book = RevocationBook()
    private let ends = Ends()

    private final class Ends: Sendable {
        private let list = Mutex<[String: ConnectionEnd]>([:])
        var all: [String: ConnectionEnd] { self.list.withLock { $0 } }
        func add(_ end: ConnectionEnd, of name: String) { self.list.withLock { $0[name] = end } }
    }

    private func live(_ policy: AccessPolicy.TokenExpiry = .close) -> LiveConnections {
        let timers = self.timers
        let guardian = AccessGuard(
            policy: policy, revocations: self.book, now: { timers.now },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            schedule: { timers.schedule($0, $1) })
        let live = LiveConnections(watch: guardian)
        self.book.observe { [weak live] revoked in
            if let live { guardian.revoked(revoked, among: live) }
        }
        return live
    }

    private func connection(_ name: String, _ principal: Principal) -> LiveConnection {
        let ends = self.ends
        return LiveConnection(principal: principal, transport: .eventStream, peer: nil) { ends.add($0, of: name) }
    }

    private func principal(
        _ user: String = "ada", tenant: String = "acme", tokenID: String? = nil, expiry: Double? = nil
    ) -> Principal {
        Principal(tenant: tenant, user: user, tokenID: tokenID, expiry: expiry)
    }

    @Test("A connection ends when its token does, not before, and without any event")
    func expiry() {
        let live = self.live()
        live.add(self.connection("a", self.principal(expiry: 1010)))
        live.add(self.connection("b", self.principal(expiry: 1020)))
        live.add(self.connection("c", self.principal()))
        // One timer serves all.
        #expect(self.timers.pending == 1)
        self.timers.advance(by: 9.999)
        #expect(self.ends.all.isEmpty)
        self.timers.advance(by: 0.001)
        #expect(self.ends.all == ["a": .tokenExpired(failingOperations: false)])
        self.timers.advance(by: 1_000_000)
        #expect(Set(self.ends.all.keys) == ["a", "b"])
        #expect(self.timers.pending == 0)
    }

    @Test("What clients are told")
    func words() {
        let end = ConnectionEnd.tokenExpired(failingOperations: true)
        #expect(end.close == Close(.forbidden, "Token expired"))
        #expect(end.error?.extensions == ["code": "TOKEN_EXPIRED"])
        #expect(ConnectionEnd.revoked.close == Close(.forbidden, "Token revoked"))
        #expect(ConnectionEnd.revoked.error?.extensions == ["code": "UNAUTHENTICATED"])
    }

    @Test("A token that ended between the gate and here ends the connection at once")
    func late() {
        self.live().add(self.connection("a", self.principal(expiry: 1000)))
        #expect(self.ends.all == ["a": .tokenExpired(failingOperations: false)])
        #expect(self.timers.pending == 0)
    }

    @Test("A connection that goes first leaves no timer behind")
    func gone() {
        let live = self.live()
        let connections = (0..<100).map { self.connection("\($0)", self.principal(expiry: 1010)) }
        connections.forEach(live.add)
        #expect(self.timers.pending == 1)
        connections.forEach(live.remove)
        #expect(self.timers.pending == 0)
        self.timers.advance(by: 100)
        #expect(self.ends.all.isEmpty)
    }

    @Test("Long tokens, and a clock that is set back, end at their time all the same")
    func long() {
        let live = self.live()
        live.add(self.connection("a", self.principal(expiry: 1000 + 30 * 86_400)))
        live.add(self.connection("b", self.principal(expiry: 1e300)))
        self.timers.advance(by: 29 * 86_400)
        #expect(self.ends.all.isEmpty)
        self.timers.set(1000)
        self.timers.advance(by: 29 * 86_400)
        #expect(self.ends.all.isEmpty)
        self.timers.advance(by: 86_400)
        #expect(Set(self.ends.all.keys) == ["a"])
    }

    @Test("The policy keep lets everybody stay; end-operations ends operations as well")
    func policies() {
        let (keeping, ending) = (self.live(.keep), self.live(.endOperations))
        let (one, other) = (
            self.connection("a", self.principal(expiry: 1010)), self.connection("b", self.principal(expiry: 1010))
        )
        keeping.add(one)
        #expect(self.timers.pending == 0)
        ending.add(other)
        self.timers.advance(by: 20)
        #expect(self.ends.all == ["b": .tokenExpired(failingOperations: true)])
    }

    @Test("A revocation ends the connections that it is about, at once")
    func revocation() {
        let live = self.live()
        live.add(self.connection("token", self.principal(tokenID: "t1")))
        live.add(self.connection("other token", self.principal("bob", tokenID: "t2")))
        live.add(self.connection("other tenant", self.principal("ada", tenant: "globex", tokenID: "t3")))
        live.add(self.connection("anonymous", Principal(tenant: "acme")))
        self.book.revoke(.token("t1"))
        #expect(self.ends.all == ["token": .revoked])
        self.book.revoke(.token("t1"))
        self.book.revoke(.user(tenant: "acme", user: "bob"))
        #expect(Set(self.ends.all.keys) == ["token", "other token"])
        self.book.beginReading()
        self.book.finishReading([.token("t3")])
        #expect(Set(self.ends.all.keys) == ["token", "other token", "other tenant"])
    }

    @Test("What was revoked between the gate and here does not stay")
    func race() {
        let live = self.live()
        self.book.revoke(.user(tenant: "acme", user: "ada"))
        live.add(self.connection("a", self.principal()))
        #expect(self.ends.all == ["a": .revoked])
    }
}

@Suite("The book of revocations")
struct RevocationBookTests {
    private let book = RevocationBook()
    private let ada = Principal(tenant: "acme", user: "ada", tokenID: "t")

    @Test("It is not read before it was read")
    func read() {
        #expect(!self.book.isRead)
        self.book.revoke(.token("t"))
        #expect(!self.book.isRead)
        self.book.beginReading()
        self.book.finishReading([])
        #expect(self.book.isRead)
    }

    @Test("Tokens and users, there and back")
    func lookup() {
        #expect(!self.book.isRevoked(self.ada))
        self.book.revoke(.token("t"))
        #expect(self.book.isRevoked(self.ada))
        self.book.reinstate(.token("t"))
        #expect(!self.book.isRevoked(self.ada))
        self.book.revoke(.user(tenant: "globex", user: "ada"))
        #expect(!self.book.isRevoked(self.ada))
        self.book.revoke(.user(tenant: "acme", user: "ada"))
        #expect(self.book.isRevoked(self.ada))
        #expect(!self.book.isRevoked(Principal(tenant: "acme")))
    }

    @Test("What is heard while reading is newer than what is read")
    func merging() {
        self.book.beginReading()
        self.book.revoke(.token("new"))
        self.book.reinstate(.token("old"))
        self.book.finishReading([.token("old"), .token("kept")])
        #expect(self.book.isRevoked(Principal(tenant: "x", tokenID: "new")))
        #expect(self.book.isRevoked(Principal(tenant: "x", tokenID: "kept")))
        #expect(!self.book.isRevoked(Principal(tenant: "x", tokenID: "old")))
        self.book.beginReading()
        self.book.finishReading([])
        #expect(self.book.count == 0)
    }
}
