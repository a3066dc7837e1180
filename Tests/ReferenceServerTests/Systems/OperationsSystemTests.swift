import Foundation
import RealtimeClient
import Synchronization
import TestSupport
import Testing

@Suite("System: operations streams", .timeLimit(.minutes(2)))
struct OperationsSystemTests {
    /// A client of one endpoint that keeps what it was told.
    private final class Watcher: Sendable {
        let client: RealtimeClient
        private let seen = Mutex<[String]>([])

        init(_ endpoint: OperationsEndpoint, port: Int) throws {
            let configuration = endpoint.configuration(server: "http://127.0.0.1:\(port)", token: nil)
            self.client = try RealtimeClient(configuration)
            _ = self.client.on("*") { [self] event in
                guard event.type != "connected" else { return }
                self.seen.withLock { $0.append(Self.text(event)) }
            }
            self.client.start()
        }

        /// Connected, and told so by the server: from now on it misses nothing.
        func isReady() -> Bool { self.client.history.contains { $0.type == "connected" } }

        /// What came, each as its type and what it is about.
        var events: [String] { self.seen.withLock { $0 } }

        private static func text(_ event: RealtimeEvent) -> String {
            let keys = ["onu_serial", "session_id", "job_id", "ticket_id", "alert_id", "subscriber_id", "campaign_id"]
            let key = keys.first { event[$0] != nil } ?? "code"
            return "\(event.type) \(event[key]?.text ?? "")"
        }
    }

    /// A payload of each type.
    private static let payloads: [(endpoint: OperationsEndpoint, types: [String], payload: String)] = [
        (
            .onuStatus, ["online", "offline", "signal_degraded", "provisioned", "deprovisioned"].map { "onu.\($0)" },
            #"{onu_serial: "X1", status: "online", signal_dbm: -21.5}"#
        ),
        (
            .alerts, ["alert.raised", "alert.cleared"],
            #"{alert_id: "X1", alert_type: "los", severity: "error", source: "olt", message: "é\"\n"}"#
        ),
        (
            .tickets, ["created", "updated", "assigned", "resolved"].map { "ticket.\($0)" },
            #"{ticket_id: "X1", title: "No light", status: "open"}"#
        ),
        (
            .subscribers, ["created", "activated", "suspended", "terminated"].map { "subscriber.\($0)" },
            #"{subscriber_id: "X1", status: "active"}"#
        ),
        (
            .radiusSessions, ["started", "updated", "stopped"].map { "session.\($0)" },
            #"{username: "ada", session_id: "X1", bytes_in: 5}"#
        ),
    ]

    @Test("All event streams, from one server to the clients of another", arguments: SystemHarness.Setup.all)
    func eventStreams(setup: SystemHarness.Setup) async throws {
        guard setup.dialect == .transportWS else { return }
        let system = try await SystemHarness(setup)
        let watchers = try Self.payloads.map { try Watcher($0.endpoint, port: system.listenerPort) }
        let sessions = try Watcher(.sessionsSocket, port: system.listenerPort)
        let strangers = try system.foreignPort.map { port in
            try Self.payloads.map { try Watcher($0.endpoint, port: port) }
        }
        try await eventually("streams") { (watchers + (strangers ?? [])).allSatisfy { $0.isReady() } }
        try await eventually("the socket") { sessions.client.state == .connected }
        // The socket's source is opened behind the upgrade: it is live once it hears.
        try await eventually("the socket hears") {
            try Self.publish("session.updated", #"{username: "probe", session_id: "probe"}"#, at: system)
            return sessions.events.contains("session.updated probe")
        }
        for (_, types, payload) in Self.payloads {
            for type in types { try Self.publish(type, payload, at: system) }
        }
        for (watcher, expected) in zip(watchers, Self.payloads) {
            let wanted = expected.types.map { "\($0) X1" }
            try await eventually("\(wanted)") { Self.real(watcher).count == wanted.count }
            #expect(Self.real(watcher) == wanted)
        }
        try await eventually("sessions") { Self.real(sessions).count == 3 }
        #expect(Self.real(sessions) == ["session.started X1", "session.updated X1", "session.stopped X1"])
        for stranger in strangers ?? [] { #expect(stranger.events == []) }
        (watchers + [sessions] + (strangers ?? [])).forEach { $0.client.close() }
        try await Self.nothingIsLeft(system)
        try await system.finish()
    }

    @Test("Jobs and campaigns are watched and commanded", arguments: SystemHarness.Setup.all)
    func control(setup: SystemHarness.Setup) async throws {
        guard setup.dialect == .transportWS else { return }
        let system = try await SystemHarness(setup)
        for kind in ["job", "campaign"] {
            let name = kind.prefix(1).uppercased() + kind.dropFirst()
            let response = try system.run("mutation { start\(name)(\(kind)Type: \"bulk\", itemsTotal: 1000) }")
            let id = String(try #require(response.firstMatch(of: try Regex(#""\#(kind)_id":"([^"]+)""#))?[1].substring))
            let endpoint: OperationsEndpoint = kind == "job" ? .job(id: id) : .campaign(id: id)
            let watcher = try Watcher(endpoint, port: system.listenerPort)
            try await eventually("the state at first") { watcher.isReady() }
            try await Self.command(kind == "job" ? .pauseJob : .pauseCampaign, watcher, shows: "paused")
            try await Self.command(kind == "job" ? .resumeJob : .resumeCampaign, watcher, shows: "running")
            try await Self.command(kind == "job" ? .cancelJob : .cancelCampaign, watcher, shows: "cancelled")
            watcher.client.control(kind == "job" ? .resumeJob : .resumeCampaign)
            try await eventually("a refusal") { watcher.events.contains("error CONFLICT") }
            watcher.client.send(#"{"type":"dance"}"#)
            try await eventually("an answer") { watcher.events.contains("error BAD_USER_INPUT") }
            watcher.client.close()
            // Of another tenant, and of nobody: both the same.
            let absent: OperationsEndpoint = kind == "job" ? .job(id: "nothing") : .campaign(id: "nothing")
            var lost = [try Watcher(absent, port: system.listenerPort)]
            if let port = system.foreignPort { lost.append(try Watcher(endpoint, port: port)) }
            for watcher in lost {
                try await eventually("refused") {
                    watcher.client.state == .error("closed by the server with 4404 Not found")
                }
                #expect(watcher.events == ["error NOT_FOUND"])
            }
        }
        try await system.finish()
    }

    @Test(
        "A job whose server was killed fails, and who watches it elsewhere is told",
        .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"))
    func orphans() async throws {
        let system = try await SystemHarness(.init(usesRedis: true, dialect: .transportWS))
        let redis = try #require(system.redis)
        let id = try system.make(#"startJob(jobType: "bulk", itemsTotal: 1000000)"#, id: "job_id")
        let watcher = try Watcher(.job(id: id), port: system.listenerPort)
        try await eventually("the state at first") { watcher.isReady() }
        system.publisher.kill()
        // It is believed to be there for a while; that is let go by.
        let leases = try redis.command("KEYS", "realtime:worker:*").split(separator: "\n").map(String.init)
        #expect(leases.count == 1)
        for lease in leases { try redis.command("DEL", lease) }
        try await eventually("it fails", within: .seconds(40)) { watcher.events.last == "job.failed \(id)" }
        try await eventually("nothing is registered") { try redis.command("HLEN", "realtime:work") == "0" }
        watcher.client.close()
        try await system.finish()
    }

    @Test("A client goes on behind the last event that it has, also at another server")
    func resumes() async throws {
        let setups = SystemHarness.Setup.all.filter { $0.dialect == .transportWS }
        for setup in setups {
            let system = try await SystemHarness(setup)
            let id = try #require(
                try Self.publish("alert.raised", Self.alert(0), at: system)
                    .firstMatch(of: /"id":"([0-9-]+)"/)?.1)
            for number in 1...3 { try Self.publish("alert.raised", Self.alert(number), at: system) }
            var configuration = OperationsEndpoint.alerts.configuration(
                server: "http://127.0.0.1:\(system.listenerPort)", token: nil)
            configuration.fields = [("Last-Event-ID", String(id))]
            let client = try RealtimeClient(configuration)
            client.start()
            try await eventually("what was missed") { client.history.count == 4 }
            #expect(client.history.dropFirst().compactMap { $0["alert_id"]?.text } == ["1", "2", "3"])
            client.close()
            try await system.finish()
        }
    }

    @Test("Types can be chosen, and wrong ones are told")
    func filters() async throws {
        let system = try await SystemHarness(try #require(SystemHarness.Setup.all.first))
        let path = "/api/v1/realtime/alerts?event_types="
        let refused = try RawHTTP.request("GET", path + "onu.online", port: system.listenerPort)
        #expect(refused.status == 400 && refused.body.contains("none of alert.raised, alert.cleared"))
        var configuration = OperationsEndpoint.alerts.configuration(
            server: "http://127.0.0.1:\(system.listenerPort)", token: nil)
        configuration.url += "?event_types=alert.cleared"
        let client = try RealtimeClient(configuration)
        client.start()
        try await eventually("connected") { client.history.count == 1 }
        for type in ["alert.raised", "alert.cleared"] { try Self.publish(type, Self.alert(1), at: system) }
        try await eventually("one event") { client.history.count == 2 }
        #expect(client.history.last?.type == "alert.cleared")
        client.close()
        try await system.finish()
    }

    // MARK: Support

    private static func alert(_ number: Int) -> String {
        #"{alert_id: "\#(number)", alert_type: "los", severity: "info", source: "x", message: "y"}"#
    }

    private static func real(_ watcher: Watcher) -> [String] { watcher.events.filter { !$0.hasSuffix(" probe") } }

    @discardableResult
    private static func publish(_ type: String, _ payload: String, at system: SystemHarness) throws -> String {
        let response = try system.run(
            "mutation { publishOperationsEvent(eventType: \"\(type)\", payload: \(payload)) { id } }")
        #expect(response.hasPrefix(#"{"data":{""#), "\(response)")
        return response
    }

    private static func command(_ command: ControlCommand, _ watcher: Watcher, shows status: String) async throws {
        watcher.client.control(command)
        try await eventually("\(command.rawValue) is acknowledged") {
            watcher.client.history.contains { $0.type == "ack" && $0["command"]?.text == command.rawValue }
        }
        try await eventually("it is \(status)") {
            watcher.client.history.last { $0["status"] != nil }?["status"]?.text == status
        }
    }

    /// The bells of all streams are given back as soon as nobody listens.
    private static func nothingIsLeft(_ system: SystemHarness) async throws {
        guard let redis = system.redis else { return }
        try await eventually("no channel is left") {
            try redis.channels().allSatisfy { !$0.contains("realtime:") }
        }
    }
}
