import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import RealtimeClient

/// The whole client, over a transport that does what the test says, on a clock that the test moves.
@Suite struct RealtimeClientTests {
    /// A transport in the test's hands. Used on one thread.
    final class Stage: Transport, @unchecked Sendable {
        final class Link: TransportLink {
            var sent: [String] = []
            var isClosed = false
            func send(_ text: String) { self.sent.append(text) }
            func close() { self.isClosed = true }
        }
        // Everything happens on the embedded event loop, which is the test's own thread.
        var reports: [(TransportEvent) -> Void] = []
        var links: [Link] = []
        var lastEventIDs: [String?] = []

        func connect(
            on eventLoop: any EventLoop, lastEventID: String?, report: @escaping (TransportEvent) -> Void
        ) -> any TransportLink {
            let link = Link()
            self.reports.append(report)
            self.links.append(link)
            self.lastEventIDs.append(lastEventID)
            return link
        }

        func tell(_ event: TransportEvent) { self.reports.last?(event) }
    }

    private let stage = Stage()
    private let loop = EmbeddedEventLoop()

    private func client(_ speech: RealtimeClient.Speech) -> RealtimeClient {
        let client = RealtimeClient(
            RealtimeClient.Configuration(url: "ws://127.0.0.1/", speech: speech), transport: self.stage,
            eventLoop: self.loop)
        client.start()
        self.loop.run()
        return client
    }

    @Test func connectsAgainWithGrowingDelays() {
        let client = self.client(.socket)
        for (attempt, delay) in [1, 2, 4, 8, 16, 30, 30, 30, 30, 30].enumerated() {
            self.stage.tell(.lost(.network("refused")))
            self.loop.advanceTime(by: .seconds(Int64(delay)) - .milliseconds(1))
            #expect(self.stage.links.count == attempt + 1)
            self.loop.advanceTime(by: .milliseconds(1))
            #expect(self.stage.links.count == attempt + 2)
        }
        self.stage.tell(.lost(.network("refused")))
        #expect(client.state == .error("gave up after 10 attempts: refused"))
    }

    @Test func findsAStaleConnectionByAMissedHeartbeat() {
        let client = self.client(.socket)
        self.stage.tell(.opened)
        #expect(client.state == .connected)
        self.loop.advanceTime(by: .seconds(30))
        #expect(self.stage.links[0].sent == [#"{"type":"ping"}"#])
        self.loop.advanceTime(by: .milliseconds(12))
        self.stage.tell(.message(DialectMessage(text: #"{"type":"pong"}"#)))
        #expect(client.latency == .milliseconds(12))
        self.loop.advanceTime(by: .seconds(60))
        #expect(client.state == .reconnecting(attempt: 1, delay: .seconds(1), loss: .stale))
        #expect(self.stage.links[0].isClosed)
        self.loop.advanceTime(by: .seconds(1))
        #expect(self.stage.links.count == 2)
    }

    @Test func callsHandlersByTypeAndKeepsTheNewestEvents() {
        let client = self.client(.socket)
        let seen = Mutex<[String]>([])
        let one = client.on("a") { event in seen.withLock { $0.append("a:" + (event["n"]?.integer?.description ?? "")) }
        }
        let every = client.on("*") { event in seen.withLock { $0.append("*:" + event.type) } }
        self.stage.tell(.opened)
        self.stage.tell(.message(DialectMessage(text: #"{"event_type":"a","n":1}"#)))
        one.cancel()
        self.stage.tell(.message(DialectMessage(text: #"{"event_type":"a","n":2}"#)))
        every.cancel()
        for number in 3...200 {
            self.stage.tell(.message(DialectMessage(text: #"{"event_type":"b","n":\#(number)}"#)))
        }
        #expect(seen.withLock { $0 } == ["a:1", "*:a", "*:a"])
        #expect(client.history.count == 100)
        #expect(client.history.first?["n"]?.integer == 101)
        #expect(client.history.last?["n"]?.integer == 200)
        client.clearHistory()
        #expect(client.history.isEmpty)
    }

    @Test func goesOnWhereAStreamStopped() {
        let client = self.client(.eventStream)
        self.stage.tell(.opened)
        self.stage.tell(.retry(.seconds(5)))
        self.stage.tell(.message(DialectMessage(event: "alert.raised", id: "17-0", text: "{}")))
        self.stage.tell(.lost(.network("reset")))
        #expect(client.state == .reconnecting(attempt: 1, delay: .seconds(5), loss: .network("reset")))
        self.loop.advanceTime(by: .seconds(5))
        #expect(self.stage.lastEventIDs == [nil, "17-0"])
    }

    @Test func oldConnectionsSayNothingAnyMore() {
        let client = self.client(.socket)
        let old = self.stage.reports[0]
        self.stage.tell(.lost(.network("reset")))
        self.loop.advanceTime(by: .seconds(1))
        self.stage.tell(.opened)
        old(.lost(.network("reset again")))
        old(.message(DialectMessage(text: #"{"event_type":"old"}"#)))
        #expect(client.state == .connected && client.history.isEmpty)
    }

    @Test func saysGoodbyeAndLeavesNothingBehind() {
        let client = self.client(.transportWS(GraphQLOperation(query: "subscription { a }")))
        self.stage.tell(.opened)
        self.stage.tell(.message(DialectMessage(text: #"{"type":"connection_ack"}"#)))
        client.close()
        self.loop.run()
        #expect(self.stage.links[0].sent.last == #"{"id":"1","type":"complete"}"#)
        #expect(self.stage.links[0].isClosed && client.state == .disconnected)
        self.loop.advanceTime(by: .hours(1))
        #expect(self.stage.links.count == 1)
    }

    @Test func sendsControlCommands() {
        let client = self.client(.socket)
        self.stage.tell(.opened)
        for command in ControlCommand.allCases { client.control(command) }
        self.loop.run()
        #expect(
            self.stage.links[0].sent == [
                #"{"type":"cancel_job"}"#, #"{"type":"pause_job"}"#, #"{"type":"resume_job"}"#,
                #"{"type":"cancel_campaign"}"#, #"{"type":"pause_campaign"}"#, #"{"type":"resume_campaign"}"#,
            ])
    }
}

@Suite struct ConfigurationTests {
    @Test(arguments: ["", "127.0.0.1:4000", "ftp://x/", "ws://", "ws://ada:secret@x/"])
    func refusesWhatIsNoAddress(_ url: String) {
        #expect(throws: RealtimeClient.Unusable.self) {
            try RealtimeClient(.init(url: url, speech: .eventStream))
        }
    }

    @Test func putsTheTokenWhereItBelongs() throws {
        var configuration = RealtimeClient.Configuration(
            url: "http://[::1]:4000/a?b=1", speech: .eventStream, token: "a+b/c")
        let byHeader = try #require(try configuration.transport() as? EventStreamTransport)
        #expect(byHeader.fields.contains { $0.name == "Authorization" && $0.value == "Bearer a+b/c" })
        #expect(byHeader.dialling.address.authority == "[::1]:4000")
        configuration.tokenPlace = .query
        let byQuery = try #require(try configuration.transport() as? EventStreamTransport)
        #expect(byQuery.dialling.address.target == "/a?b=1&token=a%2Bb%2Fc" && byQuery.fields.isEmpty)
        configuration.tokenPlace = .cookie
        let byCookie = try #require(try configuration.transport() as? EventStreamTransport)
        #expect(byCookie.fields.contains { $0.name == "Cookie" && $0.value == "access_token=a+b/c" })
    }

    @Test(arguments: [
        (OperationsEndpoint.onuStatus, "onu-status"), (.alerts, "alerts"), (.tickets, "tickets"),
        (.subscribers, "subscribers"), (.radiusSessions, "radius-sessions"), (.sessionsSocket, "ws/sessions"),
        (.job(id: "7"), "ws/jobs/7"), (.campaign(id: "8"), "ws/campaigns/8"),
    ])
    func knowsTheEndpoints(_ endpoint: OperationsEndpoint, _ path: String) {
        let configuration = endpoint.configuration(server: "http://x", token: nil)
        #expect(configuration.url == "http://x/api/v1/realtime/\(path)")
        #expect(configuration.speech == (path.hasPrefix("ws/") ? .socket : .eventStream))
    }
}
