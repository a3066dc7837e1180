import GraphQLCore
import PubSub
import Synchronization
import Testing

@testable import ReferenceDomains

@Suite struct OperationsStreamsTests {
    /// A listener that can be waited for.
    final class Listener: Sendable {
        private let signals: AsyncStream<StreamSignal>
        private let continuation: AsyncStream<StreamSignal>.Continuation

        init() {
            (self.signals, self.continuation) = AsyncStream.makeStream(of: StreamSignal.self)
        }

        var receive: @Sendable (StreamSignal) -> Void {
            { [continuation] signal in continuation.yield(signal) }
        }

        /// The next signals, in short: the alert's id, or what else it was.
        func next(_ count: Int) async -> [String] {
            var texts: [String] = []
            for await signal in self.signals {
                texts.append(Self.text(signal))
                if texts.count == count { break }
            }
            return texts
        }

        /// What came and was not asked for; nothing comes behind.
        func rest() async -> [String] {
            self.continuation.finish()
            var texts: [String] = []
            for await signal in self.signals { texts.append(Self.text(signal)) }
            return texts
        }

        private static func text(_ signal: StreamSignal) -> String {
            switch signal {
            case .event(let event): event.members["alert_id"]?.stringValue ?? event.type.rawValue
            case .opened: "opened"
            case .now: "now"
            case .older(let count): "older: \(count)"
            case .missed(let reason): "missed: \(reason)"
            case .ended(let error): "ended: \(error.message)"
            }
        }
    }

    private let harness: DomainHarness
    private let streams: OperationsStreams
    private let publisher: OperationsPublisher

    init() throws {
        self.harness = try DomainHarness()
        self.streams = OperationsStreams(self.harness.environment)
        self.publisher = OperationsPublisher(self.harness.environment)
    }

    @discardableResult
    private func raise(_ id: String, tenant: String = "acme") async throws -> String {
        try await self.publisher.publish(
            .alertRaised, tenant: tenant,
            [
                "alert_id": .string(id), "alert_type": "los", "severity": "critical", "source": "olt-1",
                "message": "Loss of signal",
            ])
    }

    @Test func allListenersHearEverythingOnceAndInOrder() async throws {
        let (one, other) = (Listener(), Listener())
        let ends = [
            try await self.streams.listen(to: .alerts, tenant: "acme", one.receive),
            try await self.streams.listen(to: .alerts, tenant: "acme", other.receive),
        ]
        #expect(self.streams.openStreams == 1)
        let ids = (1...500).map { "a\($0)" }
        for id in ids { try await self.raise(id) }
        #expect(await one.next(500) == ids)
        #expect(await other.next(500) == ids)
        ends.forEach { $0.cancel() }
        #expect(self.streams.openStreams == 0)
        let rest = await one.rest() + other.rest()
        #expect(rest.isEmpty)
    }

    @Test func manyPublishersAtOnceAreHeardInTheOrderOfTheStream() async throws {
        let listener = Listener()
        let end = try await self.streams.listen(to: .alerts, tenant: "acme", listener.receive)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 { group.addTask { try await self.raise("p\(number)") } }
            try await group.waitForAll()
        }
        let heard = await listener.next(200)
        let key = try self.harness.environment.channels.of(tenant: "acme").replayKey(.alerts)
        let channels = try self.harness.environment.channels.of(tenant: "acme")
        let kept = try await self.harness.environment.state.entries(of: key, after: nil, limit: 1000)
            .compactMap { OperationsEvent($0, of: channels)?.members["alert_id"]?.stringValue }
        #expect(heard == kept && Set(heard).count == 200)
        end.cancel()
    }

    @Test func anotherTenantHearsNothing() async throws {
        let (ours, theirs) = (Listener(), Listener())
        let ends = [
            try await self.streams.listen(to: .alerts, tenant: "acme", ours.receive),
            try await self.streams.listen(to: .alerts, tenant: "globex", theirs.receive),
        ]
        try await self.raise("ours")
        try await self.raise("theirs", tenant: "globex")
        #expect(await ours.next(1) == ["ours"])
        #expect(await theirs.next(1) == ["theirs"])
        ends.forEach { $0.cancel() }
        let rest = await ours.rest() + theirs.rest()
        #expect(rest.isEmpty)
    }

    @Test func goesOnBehindTheLastEventOfAClient() async throws {
        try await self.raise("before")
        let last = try await self.raise("seen")
        for number in 1...450 { try await self.raise("missed\(number)") }
        let listener = Listener()
        let end = try await self.streams.listen(to: .alerts, tenant: "acme", lastEventID: last, listener.receive)
        try await self.raise("live")
        #expect(await listener.next(451) == (1...450).map { "missed\($0)" } + ["live"])
        end.cancel()
    }

    @Test func saysWhenItCannotGoOn() async throws {
        let first = try await self.raise("first")
        for number in 0..<(OperationsPublisher.replayCapacity + 300) { try await self.raise("n\(number)") }
        let late = Listener()
        let end = try await self.streams.listen(to: .alerts, tenant: "acme", lastEventID: first, late.receive)
        #expect(await late.next(1) == ["missed: Some of the events since are not kept any more."])
        end.cancel()
        for id in ["", "yesterday", "99999999999999-0", "5"] {
            let listener = Listener()
            let end = try await self.streams.listen(to: .alerts, tenant: "acme", lastEventID: id, listener.receive)
            #expect(await listener.next(1) == ["missed: The id of the last event is none of this stream."], "\(id)")
            try await self.raise("next")
            #expect(await listener.next(1) == ["next"])
            end.cancel()
        }
    }

    @Test func nothingIsHeardBehindTheEnd() async throws {
        let listener = Listener()
        let end = try await self.streams.listen(to: .alerts, tenant: "acme", listener.receive)
        let witness = Listener()
        let other = try await self.streams.listen(to: .alerts, tenant: "acme", witness.receive)
        end.cancel()
        try await self.raise("late")
        #expect(await witness.next(1) == ["late"])
        #expect(await listener.rest().isEmpty)
        other.cancel()
    }

    @Test(
        arguments: [
            (["alert_id": .null], "\"alert_id\" is missing: it must be a string"),
            (["severity": "huge"], "\"severity\" must be one of info, warning, error, critical"),
            (["details": "text"], "\"details\" must be an object"), (["source": 5], "\"source\" must be a string"),
        ] as [(JSONObject, String)])
    func refusesPayloadsThatAreNone(_ change: JSONObject, _ reason: String) async throws {
        var payload: JSONObject = [
            "alert_id": "1", "alert_type": "los", "severity": "info", "source": "x", "message": "y",
        ]
        for (name, value) in change { payload[name] = value }
        await #expect {
            try await self.publisher.publish(.alertRaised, tenant: "acme", payload)
        } throws: { error in
            (error as? GraphQLError)?.message == "alert.raised: \(reason)."
        }
    }

    @Test func aPayloadCannotNameAnotherTenantOrType() async throws {
        let listener = Listener()
        let end = try await self.streams.listen(to: .subscribers, tenant: "acme", listener.receive)
        try await self.publisher.publish(
            .subscriberCreated, tenant: "acme",
            ["subscriber_id": "1", "status": "new", "tenant_id": "globex", "event_type": "alert.raised"])
        #expect(await listener.next(1) == ["subscriber.created"])
        end.cancel()
    }

    @Test func everyTypeBelongsToAStreamAndThereAre24() {
        #expect(OperationsEventType.allCases.count == 24)
        #expect(OperationsStream.allCases.flatMap(\.eventTypes).count == 24)
    }
}
