import GraphQLCore
import PubSub
import ReferenceDomains
import Testing

@Suite("Fixture", .timeLimit(.minutes(1)))
struct FixtureTests {
    let domains: DomainHarness

    init() throws {
        self.domains = try DomainHarness()
    }

    @Test(
        "Queries that answer at once",
        arguments: [
            ("{ hello }", #"{"data":{"hello":"world"}}"#),
            (#"{ echo(s: "ä\n") }"#, #"{"data":{"echo":"ä\n"}}"#),
            ("{ echoOrNull }", #"{"data":{"echoOrNull":null}}"#),
            (#"{ echoOrNull(s: "") }"#, #"{"data":{"echoOrNull":""}}"#),
            ("{ counter }", #"{"data":{"counter":0}}"#),
            ("{ active }", #"{"data":{"active":0}}"#),
            ("{ slow(ms: 0) }", #"{"data":{"slow":"slow"}}"#),
            (#"{ customer(id: "1") { id } }"#, #"{"data":{"customer":null}}"#),
        ])
    func queries(document: String, expected: String) async throws {
        async let response = self.domains.run(document)
        if document.contains("slow") {
            await self.domains.timers.set(1)
            self.domains.timers.advance(by: .zero)
        }
        #expect(try await response == expected)
    }

    @Test("A failing nullable field leaves the others")
    func boom() async throws {
        let response = try await self.domains.run("{ boom hello }")
        #expect(response.contains(#""data":{"boom":null,"hello":"world"}"#))
        #expect(response.contains(#""path":["boom"]"#))
    }

    @Test("A failing field that must not be null takes everything with it")
    func required() async throws {
        let response = try await self.domains.run("{ hello required }")
        #expect(response.contains(#""data":null"#))
        #expect(response.contains(#""path":["required"]"#))
    }

    @Test("increment counts")
    func increments() async throws {
        #expect(try await self.domains.run("mutation { a: increment b: increment }") == #"{"data":{"a":1,"b":2}}"#)
        #expect(try await self.domains.run("{ counter }") == #"{"data":{"counter":2}}"#)
    }

    @Test("slow waits, and a cancelled one leaves no timer")
    func slow() async throws {
        async let response = self.domains.run("{ slow(ms: 100) }")
        await self.domains.timers.set(1)
        self.domains.timers.advance(by: .milliseconds(99))
        #expect(self.domains.timers.pending == 1)
        self.domains.timers.advance(by: .milliseconds(1))
        #expect(try await response == #"{"data":{"slow":"slow"}}"#)

        let domains = self.domains
        let cancelled = Task { try await domains.run("{ slow(ms: 100) }") }
        await self.domains.timers.set(1)
        cancelled.cancel()
        _ = try await cancelled.value
        #expect(self.domains.timers.pending == 0)
    }

    @Test("Negative waits are refused", arguments: ["{ slow(ms: -1) }"])
    func negative(document: String) async throws {
        let response = try await self.domains.run(document)
        #expect(response.contains(#"Argument \"ms\" cannot be used"#))
    }

    @Test("count ticks in time and ends after the last")
    func counts() async throws {
        let subscriber = try await self.domains.subscribe("subscription { count(to: 3, ms: 20) }")
        #expect(try await self.domains.run("{ active }") == #"{"data":{"active":1}}"#)
        self.domains.timers.advance(by: .milliseconds(59))
        #expect(try await self.domains.run("{ active }") == #"{"data":{"active":1}}"#)
        self.domains.timers.advance(by: .milliseconds(1))
        #expect(
            await subscriber.all() == [
                #"{"data":{"count":1}}"#, #"{"data":{"count":2}}"#, #"{"data":{"count":3}}"#, "finished",
            ])
        #expect(self.domains.fixture.live.total == 0)
        #expect(self.domains.timers.pending == 0)
    }

    @Test("count to nothing ends at once", arguments: [0, -1])
    func countsNothing(to last: Int) async throws {
        let subscriber = try await self.domains.subscribe("subscription { count(to: \(last), ms: 20) }")
        #expect(await subscriber.all() == ["finished"])
        #expect(self.domains.fixture.live.total == 0)
    }

    @Test("A cancelled count stops and leaves no timer")
    func cancelsCount() async throws {
        let subscriber = try await self.domains.subscribe("subscription { count(to: 3, ms: 20) }")
        self.domains.timers.advance(by: .milliseconds(20))
        subscriber.cancellation.cancel()
        subscriber.cancellation.cancel()
        #expect(self.domains.timers.pending == 0)
        #expect(self.domains.fixture.live.total == 0)
        self.domains.timers.advance(by: .seconds(1))
        #expect(await subscriber.all() == [#"{"data":{"count":1}}"#])
    }

    @Test("silent is counted by key until it is cancelled, and never says anything")
    func silent() async throws {
        let first = try await self.domains.subscribe(#"subscription { silent(key: "k") }"#)
        let second = try await self.domains.subscribe(#"subscription { silent(key: "k") }"#)
        let third = try await self.domains.subscribe("subscription { silent }")
        let counts = #"{ all: active k: active(key: "k") x: active(key: "x") }"#
        #expect(first.sharingKey == nil)
        #expect(try await self.domains.run(counts) == #"{"data":{"all":3,"k":2,"x":0}}"#)
        first.cancellation.cancel()
        third.cancellation.cancel()
        #expect(try await self.domains.run(counts) == #"{"data":{"all":1,"k":1,"x":0}}"#)
        second.cancellation.cancel()
        #expect(try await self.domains.run(counts) == #"{"data":{"all":0,"k":0,"x":0}}"#)
        #expect(await first.all() == [])
    }

    @Test("empty ends without an event")
    func empty() async throws {
        let subscriber = try await self.domains.subscribe("subscription { empty }")
        #expect(await subscriber.all() == ["finished"])
    }

    @Test("throwsAtStart has no source stream")
    func throwsAtStart() async throws {
        await #expect {
            _ = try await self.domains.subscribe("subscription { throwsAtStart }")
        } throws: { error in
            let error = error as? RequestError
            return error?.step == .source && error?.errors.first?.message == "This source stream cannot be created."
        }
    }

    @Test("throwsLater fails after one event")
    func throwsLater() async throws {
        let subscriber = try await self.domains.subscribe("subscription { throwsLater }")
        #expect(
            await subscriber.all() == [
                #"{"data":{"throwsLater":1}}"#, "failed: This source stream always fails after its first event.",
            ])
    }

    @Test("fieldError fails in the first event only")
    func fieldError() async throws {
        let subscriber = try await self.domains.subscribe("subscription { fieldError }")
        let responses = await subscriber.all()
        try #require(responses.count == 3)
        #expect(
            responses[0].contains(#""data":{"fieldError":null}"#) && responses[0].contains(#""path":["fieldError"]"#))
        #expect(responses[1...] == [#"{"data":{"fieldError":2}}"#, "finished"])
    }

    @Test("slowStart takes its time, and is not alive before")
    func slowStart() async throws {
        async let starting = self.domains.subscribe(#"subscription { slowStart(ms: 50, key: "k") }"#)
        await self.domains.timers.set(1)
        #expect(self.domains.fixture.live.total == 0)
        self.domains.timers.advance(by: .milliseconds(50))
        let subscriber = try await starting
        #expect(self.domains.fixture.live.total == 1)
        #expect(self.domains.fixture.live.count(of: "k") == 1)
        subscriber.cancellation.cancel()
        #expect(self.domains.fixture.live.total == 0)
        #expect(await subscriber.all() == [#"{"data":{"slowStart":1}}"#])
    }

    @Test("A topic delivers what is published on it, and is counted under its name")
    func topic() async throws {
        let a = try await self.domains.subscribe(#"subscription { topic(name: "a") }"#)
        let alsoA = try await self.domains.subscribe(#"subscription { n: topic(name: "a") }"#)
        let b = try await self.domains.subscribe(#"subscription { topic(name: "b") }"#)
        #expect(
            try await self.domains.run(#"{ active active_a: active(key: "a") }"#)
                == #"{"data":{"active":3,"active_a":2}}"#)
        let published = try await self.domains.run(#"mutation { publish(name: "a", value: "é\u0000\"") }"#)
        #expect(published == #"{"data":{"publish":2}}"#)
        #expect(try await self.domains.publish("from outside", on: "public:topic:a") == 2)
        a.cancellation.cancel()
        alsoA.cancellation.cancel()
        #expect(self.domains.bus.channelCount == 1)
        b.cancellation.cancel()
        #expect(self.domains.bus.channelCount == 0)
        #expect(self.domains.fixture.live.total == 0)
        #expect(await a.all() == [#"{"data":{"topic":"é\u0000\""}}"#, #"{"data":{"topic":"from outside"}}"#])
        #expect(await alsoA.all() == [#"{"data":{"n":"é\u0000\""}}"#, #"{"data":{"n":"from outside"}}"#])
        #expect(await b.all() == [])
    }

    @Test("When the bus ends, topics fail, publishing fails, and nothing is left alive")
    func busEnds() async throws {
        let subscriber = try await self.domains.subscribe(#"subscription { topic(name: "a") }"#)
        self.domains.bus.shutdown()
        #expect(await subscriber.all() == ["failed: Events are not available right now, please try again later."])
        #expect(self.domains.fixture.live.total == 0)
        let response = try await self.domains.run(#"mutation { publish(name: "a", value: "") }"#)
        #expect(response.contains(#""code":"EVENTS_UNAVAILABLE""#))
        await #expect {
            _ = try await self.domains.subscribe(#"subscription { topic(name: "a") }"#)
        } throws: { error in
            (error as? GraphQLError)?.extensions?["code"] == "EVENTS_UNAVAILABLE"
        }
        #expect(self.domains.fixture.live.total == 0)
    }
}
