import GraphQLCore
import PubSub
import ReferenceDomains
import Synchronization
import Testing

/// From the request that a message is published for, over the bus, to what stands beside the event.
@Suite("Traces over the bus", .timeLimit(.minutes(1)))
struct TracesTests {
    private static let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    private static let beside = #"beside: {"traceparent":"\#(text)"}"#

    /// A mutation with the channel on which it publishes, and who listens there.
    struct Row: Sendable, CustomTestStringConvertible {
        let channel: String
        var needs: String?
        let mutation: String
        let subscription: String

        var testDescription: String { self.subscription }

        static let all =
            CustomerEvent.all.map { event in
                Row(
                    channel: "customer:42:\(event.channelKind)", mutation: "",
                    subscription: "\(event.subscription)(customerId: \"42\") { __typename }")
            } + [
                Row(
                    channel: "services:updated", mutation: #"createService(input: {name: "s"}) { id }"#,
                    subscription: "serviceUpdated { id }"),
                Row(
                    channel: "services:requested", mutation: #"requestService(input: {name: "s"}) { id }"#,
                    subscription: "newServiceRequest { id }"),
                Row(
                    channel: "services:status", needs: #"createService(input: {name: "s"}) { id }"#,
                    mutation: #"changeServiceStatus(id: "n1", status: DEGRADED) { id }"#,
                    subscription: "serviceStatusChanged { reason }"),
                Row(
                    channel: "support:tickets", needs: #"createSupportTicket(input: {title: "t"}) { id }"#,
                    mutation: #"deleteSupportTicket(id: "n1") { id }"#,
                    subscription: #"ticketUpdated(ticketId: "n1") { timestamp }"#),
                Row(
                    channel: "support:tickets", mutation: #"createSupportTicket(input: {title: "t"}) { id }"#,
                    subscription: "supportTicketEvents { timestamp }"),
                Row(
                    channel: "chat:s", mutation: #"sendChatMessage(sessionId: "s", content: "x") { messageId }"#,
                    subscription: #"chatUpdates(sessionId: "s") { role }"#),
            ]
    }

    private static func harness() throws -> DomainHarness {
        let numbers = Mutex(0)
        return try DomainHarness(
            now: { "2025-10-16T09:30:01Z" },
            makeID: {
                numbers.withLock { number in
                    number += 1
                    return "n\(number)"
                }
            })
    }

    /// What is published on the channel and what the subscriber is told, for a request with or without a trace.
    private func play(_ row: Row, in trace: TraceContext?) async throws -> (messages: [String], told: [String]) {
        let domains = try Self.harness()
        if let needs = row.needs { _ = try await domains.run("mutation { \(needs) }", in: TraceContext(Self.text)) }
        let messages = Mutex<[String]>([])
        let raw = try await domains.bus.subscribe(to: ChannelName("public:" + row.channel)) { event in
            guard case .message(let bytes) = event else { return }
            messages.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
        }
        let own = try await domains.subscribe("subscription { \(row.subscription) }")
        let foreign =
            row.subscription.hasPrefix("ticketUpdated")
            ? nil
            : try await domains.subscribe(
                "subscription { \(row.subscription) }", as: Identity(tenant: "globex", isUnrestricted: true))
        let answer: String
        if let sample = CustomerSample.all.first(where: { row.subscription.hasPrefix($0.event.subscription) }) {
            answer = try await domains.run(sample.publish, variables: sample.variables(), in: trace)
        } else {
            answer = try await domains.run("mutation { \(row.mutation) }", in: trace)
        }
        #expect(answer.hasPrefix(#"{"data":{""#), "\(answer)")
        #expect(await foreign?.all() ?? [] == [])
        let told = await own.all()
        raw.cancel()
        for subscriber in [own, foreign] { subscriber?.cancellation.cancel() }
        return (messages.withLock { $0 }, told)
    }

    @Test(
        "A message has the trace of its request, and none without one; so has what subscribers are told",
        arguments: Row.all)
    func passesOn(row: Row) async throws {
        let plain = try await self.play(row, in: nil)
        let traced = try await self.play(row, in: TraceContext(Self.text))
        try #require(plain.messages.count == 1 && traced.messages.count == 1)
        #expect(!plain.messages[0].contains("traceparent"))
        #expect(traced.messages[0] == plain.messages[0].dropLast() + #","traceparent":"\#(Self.text)"}"#)
        #expect(plain.told.first?.hasPrefix(#"{"data":{"#) == true, "\(plain.told)")
        #expect(traced.told == [Self.beside] + plain.told)
    }

    @Test(
        "Of other publishers: a valid one goes on, any other is dropped without a word",
        arguments: [
            (#""\#(Self.text)""#, Self.text), (#""cc-\#(Self.text.dropFirst(3))-more""#, Self.text),
            (#""00-nonsense""#, nil), (#""""#, nil), ("null", nil), ("7", nil), (#"["\#(Self.text)"]"#, nil),
            (#""\#(Self.text.uppercased())""#, nil), (#""\#(Self.text) ""#, nil),
        ] as [(String, String?)])
    func fromOthers(member: String, expected: String?) async throws {
        let domains = try Self.harness()
        let subscriber = try await domains.subscribe(
            #"subscription { customerNetworkStatusUpdated(customerId: "42") { connectionStatus } }"#)
        for rest in [#","traceparent":\#(member)}"#, "}"] {
            _ = try await domains.publish(
                #"{"connection_status":"online"\#(rest)"#, on: "public:customer:42:network_status")
        }
        let event = #"{"data":{"customerNetworkStatusUpdated":{"connectionStatus":"online"}}}"#
        let beside = expected.map { [#"beside: {"traceparent":"\#($0)"}"#] } ?? []
        #expect(await subscriber.all() == beside + [event, event])
        #expect(domains.skipped.all == [])
        subscriber.cancellation.cancel()
    }

    @Test("The trace of a message that is not for the subscriber stands beside none of its events")
    func skipped() async throws {
        let domains = try Self.harness()
        let one = try await domains.subscribe(#"subscription { serviceUpdated(serviceId: "b") { id } }"#)
        for message in [
            #"{"id":"a","traceparent":"\#(Self.text)"}"#,
            #"{"id":"b","tenant_id":"globex","traceparent":"\#(Self.text)"}"#,
            #"{"id":"b"}"#,
        ] {
            _ = try await domains.publish(message, on: "public:services:updated")
        }
        #expect(await one.all() == [#"{"data":{"serviceUpdated":{"id":"b"}}}"#])
        one.cancellation.cancel()
    }

    @Test("The assistant's answer belongs to the trace of the question")
    func answers() async throws {
        let domains = try Self.harness()
        var responses = try await domains.subscribe(#"subscription { chatUpdates(sessionId: "s") { role } }"#).responses
            .makeAsyncIterator()
        _ = try await domains.run(
            #"mutation { sendChatMessage(sessionId: "s", content: "x") { role } }"#, in: TraceContext(Self.text))
        await domains.timers.set(1)
        domains.timers.advance(by: .milliseconds(300))
        for role in ["user", "assistant"] {
            #expect(await responses.next() == Self.beside)
            #expect(await responses.next() == #"{"data":{"chatUpdates":{"role":"\#(role)"}}}"#)
        }
    }

    @Test("Messages that are no objects stay what they are: ids of documents, values of topics, bells")
    func plainMessages() async throws {
        let domains = try Self.harness()
        let messages = Mutex<[String]>([])
        for channel in ["documents:public", "topic:t", "realtime:alerts"] {
            _ = try await domains.bus.subscribe(to: ChannelName("public:" + channel)) { event in
                guard case .message(let bytes) = event else { return }
                messages.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
            }
        }
        for mutation in [
            #"uploadDocument(input: {filename: "f"}) { id }"#,
            """
            publishOperationsEvent(eventType: "alert.raised", payload: {alert_id: "a", alert_type: "a", \
            severity: "info", source: "s", message: "m"}) { id }
            """,
        ] {
            let answer = try await domains.run("mutation { \(mutation) }", in: TraceContext(Self.text))
            #expect(answer.hasPrefix(#"{"data":{""#), "\(answer)")
        }
        #expect(messages.withLock { $0 } == ["n1", "new"])
    }

    @Test("Neither the trace nor anything else of a request divides those who may share a source")
    func sharing() throws {
        let identity = DomainHarness.anybody
        let trace = try #require(TraceContext(Self.text))
        #expect(identity.trace == nil && identity.traced(by: trace).trace == trace)
        #expect(identity.traced(by: trace).sharingIdentity == identity.sharingIdentity)
    }

    @Test("What is kept of an event has no trace")
    func kept() async throws {
        let domains = try Self.harness()
        let subscriber = try await domains.subscribe(
            #"subscription { customerNetworkStatusUpdated(customerId: "42") { connectionStatus } }"#)
        _ = try await domains.run(
            #"mutation { publishCustomerNetworkStatus(input: {customerId: 42, connectionStatus: "up"}) { receivers } }"#,
            in: TraceContext(Self.text))
        let stored = try await domains.environment.state.fields(of: "public:records:customer:42")
        try #require(!stored.isEmpty)
        for value in stored.values { #expect(!String(decoding: value, as: UTF8.self).contains("traceparent")) }
        subscriber.cancellation.cancel()
    }
}
