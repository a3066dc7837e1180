import Synchronization
import Testing

@testable import TokenVerification

@Suite("Keys that change", .timeLimit(.minutes(1)))
struct RotatingKeysTests {
    /// What is published, and how often it was asked for.
    final class Publisher: Sendable {
        struct Away: Error {}

        private struct State {
            var set: KeySet?
            var asked = 0
        }

        private let state = Mutex(State())

        var asked: Int { self.state.withLock { $0.asked } }

        func publish(_ set: KeySet?) { self.state.withLock { $0.set = set } }

        func fetch() throws -> KeySet {
            try self.state.withLock { state in
                state.asked += 1
                guard let set = state.set else { throw Away() }
                return set
            }
        }
    }

    private let publisher = Publisher()
    private let clock = HandClock(1000)
    private let keys: RotatingKeys
    private let verifier: TokenVerifier

    init() {
        let (publisher, clock) = (self.publisher, self.clock)
        self.keys = RotatingKeys(minimumInterval: 30, maximumAge: 600, now: { clock.now }) { try publisher.fetch() }
        self.verifier = TokenVerifier(keys: self.keys, policy: TokenPolicy(), now: { TokenVerifierTests.now })
    }

    private func rejection(_ index: Int, kid: String) async throws -> TokenRejection? {
        let token = try await TestKeys.forge(.es256, index).token(TokenVerifierTests.good, kid: kid)
        do throws(TokenRejection) {
            _ = try await self.verifier.verify(token)
            return nil
        } catch {
            return error
        }
    }

    private func set(_ names: [(Int, String)]) async throws -> KeySet {
        var keys: [VerificationKey] = []
        for (index, id) in names { keys.append(try await TestKeys.verification(.es256, index, id: id)) }
        return try KeySet(keys)
    }

    @Test("They are asked for when first needed, and then not for every token")
    func first() async throws {
        self.publisher.publish(try await self.set([(0, "a")]))
        #expect(self.publisher.asked == 0)
        for _ in 0..<10 { #expect(try await self.rejection(0, kid: "a") == nil) }
        #expect(self.publisher.asked == 1)
    }

    @Test("A new name makes them be asked for again, at most once in an interval")
    func rotation() async throws {
        self.publisher.publish(try await self.set([(0, "a")]))
        #expect(try await self.rejection(0, kid: "a") == nil)
        self.publisher.publish(try await self.set([(0, "a"), (1, "b")]))
        for _ in 0..<10 { #expect(try await self.rejection(1, kid: "b") == .keyUnknown) }
        #expect(self.publisher.asked == 1)
        self.clock.advance(by: 30)
        #expect(try await self.rejection(1, kid: "b") == nil)
        #expect(try await self.rejection(0, kid: "a") == nil)
        #expect(self.publisher.asked == 2)
        for index in 0..<100 { #expect(try await self.rejection(0, kid: "forged-\(index)") == .keyUnknown) }
        #expect(self.publisher.asked == 2)
        self.clock.advance(by: 29.9)
        #expect(try await self.rejection(0, kid: "forged") == .keyUnknown)
        #expect(self.publisher.asked == 2)
    }

    @Test("A key that was withdrawn is good until the set has grown old, and no longer")
    func withdrawn() async throws {
        self.publisher.publish(try await self.set([(0, "a"), (1, "b")]))
        #expect(try await self.rejection(0, kid: "a") == nil)
        self.publisher.publish(try await self.set([(1, "b")]))
        self.clock.advance(by: 599)
        #expect(try await self.rejection(0, kid: "a") == nil)
        self.clock.advance(by: 1)
        #expect(try await self.rejection(0, kid: "a") == .keyUnknown)
        #expect(try await self.rejection(1, kid: "b") == nil)
        #expect(self.publisher.asked == 2)
    }

    @Test("While the source is away, known keys stay good; without any, no token is")
    func away() async throws {
        #expect(try await self.rejection(0, kid: "a") == .keysUnavailable)
        #expect(try await self.rejection(0, kid: "a") == .keysUnavailable)
        #expect(self.publisher.asked == 1)
        self.publisher.publish(try await self.set([(0, "a")]))
        self.clock.advance(by: 30)
        #expect(try await self.rejection(0, kid: "a") == nil)
        self.publisher.publish(nil)
        self.clock.advance(by: 5000)
        #expect(try await self.rejection(0, kid: "a") == nil)
        #expect(try await self.rejection(0, kid: "x") == .keyUnknown)
        #expect(self.publisher.asked == 3)
    }

    @Test("Many who need them at once cause one request")
    func together() async throws {
        self.publisher.publish(try await self.set([(0, "a")]))
        let token = try await TestKeys.forge(.es256).token(TokenVerifierTests.good, kid: "a")
        let verifier = self.verifier
        let good = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask { try await verifier.verify(token).user == "ada" }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(good == 50)
        #expect(self.publisher.asked == 1)
    }
}
