import Logging
import PubSub
import SubscriptionServer
import TestSupport
import Testing

@testable import reference_server

@Suite("Revocations between processes", .timeLimit(.minutes(1)))
struct RevocationServiceTests {
    private let bus = InMemoryBus()
    private let store: MemoryStore
    private let register: RevocationRegister

    init() {
        self.store = MemoryStore(announcingOn: self.bus)
        self.register = RevocationRegister(store: self.store, bus: self.bus, prefix: "rt/")
    }

    /// Runs the body while a service keeps the book.
    private func following(_ book: RevocationBook, _ body: () async throws -> Void) async throws {
        let service = RevocationService(
            register: self.register, book: book, clock: ContinuousClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await service.run() }
            try await eventually("the book is read") { book.isRead }
            try await body()
            tasks.cancelAll()
        }
    }

    private func isRevoked(_ book: RevocationBook, user: String = "ada", token: String = "t") -> Bool {
        book.isRevoked(Principal(tenant: "acme", user: user, tokenID: token))
    }

    @Test("What was revoked before is read, what is revoked later is heard")
    func both() async throws {
        _ = try await self.register.change(RevocationNotice(.token("old"), isRevoked: true))
        let book = RevocationBook()
        try await self.following(book) {
            #expect(self.isRevoked(book, token: "old"))
            #expect(try await self.register.change(RevocationNotice(.token("t"), isRevoked: true)) == 1)
            try await eventually("heard") { self.isRevoked(book) }
            _ = try await self.register.change(RevocationNotice(.token("t"), isRevoked: false))
            try await eventually("heard") { !self.isRevoked(book) }
            let user = Revocation.user(tenant: "acme", user: "a:b")
            _ = try await self.register.change(RevocationNotice(user, isRevoked: true))
            try await eventually("heard") { self.isRevoked(book, user: "a:b") }
            #expect(try await self.register.read() == [.token("old"), user])
        }
        #expect(try await self.store.members(of: "rt/revoked_tokens") == ["old"])
        #expect(try await self.store.members(of: "rt/revoked_users") == ["acme:a:b"])
    }

    @Test("Notices, there and back")
    func notices() {
        for revocation in [Revocation.token("a\"b"), .user(tenant: "acme", user: "ada")] {
            for isRevoked in [true, false] {
                let notice = RevocationNotice(revocation, isRevoked: isRevoked)
                #expect(RevocationNotice(notice.message) == notice)
            }
        }
    }

    @Test(
        "What is no notice",
        arguments: [
            "", "x", "[]", "{}", #"{"jti":"x"}"#, #"{"action":"revoke"}"#, #"{"action":"drop","jti":"x"}"#,
            #"{"action":"revoke","user":"x"}"#, #"{"action":"revoke","jti":7}"#,
        ])
    func noNotice(text: String) {
        #expect(RevocationNotice(Array(text.utf8)) == nil)
    }
}
