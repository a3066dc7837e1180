import TestSupport
import Testing

@Suite("System: service management", .timeLimit(.minutes(2)))
struct ServiceSystemTests {
    @Test("Every name, from one server to the clients of another", arguments: SystemHarness.Setup.all)
    func wholeSystem(setup: SystemHarness.Setup) async throws {
        let system = try await SystemHarness(setup, path: "/graphql/ws")
        try await system.subscribe("all", "serviceUpdated { name status version }", channel: "services:updated")
        try await system.subscribe(
            "requests", "newServiceRequest { service { name status } justification }", channel: "services:requested")
        try await system.subscribe(
            "status", "serviceStatusChanged { previousStatus status reason }", channel: "services:status")
        let id = try system.make(#"createService(input: {name: "Mail", owner: "ops"}) { id }"#)
        func update(_ name: String, _ status: String, _ version: Int) -> String {
            #"{"data":{"serviceUpdated":{"name":"\#(name)","status":"\#(status)","version":\#(version)}}}"#
        }
        try system.expect(["all " + update("Mail", "ACTIVE", 1)])
        try await system.subscribe(
            "own", #"serviceUpdated(serviceId: "\#(id)") { version }"#, channel: "services:updated")
        try await system.subscribe(
            "other", #"serviceStatusChanged(serviceId: "another") { status }"#, channel: "services:status")
        try system.succeed(#"updateService(id: "\#(id)", input: {name: "Post"}) { id }"#)
        try system.expect(["all " + update("Post", "ACTIVE", 2), #"own {"data":{"serviceUpdated":{"version":2}}}"#])
        try system.succeed(#"changeServiceStatus(id: "\#(id)", status: SUSPENDED, reason: "move") { id }"#)
        try system.expect([
            "all " + update("Post", "SUSPENDED", 3), #"own {"data":{"serviceUpdated":{"version":3}}}"#,
            #"status {"data":{"serviceStatusChanged":{"previousStatus":"ACTIVE","status":"SUSPENDED","reason":"move"}}}"#,
        ])
        try system.succeed(#"requestService(input: {name: "VPN", justification: "home"}) { id }"#)
        try system.expect([
            "all " + update("VPN", "PENDING", 1),
            #"requests {"data":{"newServiceRequest":{"service":{"name":"VPN","status":"PENDING"},"justification":"home"}}}"#,
        ])
        // What fails tells nobody.
        #expect(
            try system.run(#"mutation { updateService(id: "\#(id)", input: {name: "x"}, expectedVersion: 1) { id } }"#)
                .contains("CONFLICT"))
        #expect(try system.run(#"{ service(id: "\#(id)") { version } }"#) == #"{"data":{"service":{"version":3}}}"#)
        try system.succeed(#"deleteService(id: "\#(id)") { id }"#)
        try system.expect([
            "all " + update("Post", "RETIRED", 4), #"own {"data":{"serviceUpdated":{"version":4}}}"#,
            #"status {"data":{"serviceStatusChanged":{"previousStatus":"SUSPENDED","status":"RETIRED","reason":"deleted"}}}"#,
        ])
        #expect(try system.run("{ services { name } }") == #"{"data":{"services":[{"name":"VPN"}]}}"#)
        try await system.finish()
    }

    @Test(
        "Two servers that change one service at once lose no change",
        .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"))
    func concurrentServers() async throws {
        let redis = try await RedisServer.start()
        var servers: [ServerProcess] = []
        for _ in 1...2 {
            servers.append(try await ServerProcess.start(["--redis-url", "redis://127.0.0.1:\(redis.port)"]))
        }
        for server in servers { try await eventually("ready") { try server.readiness() == 200 } }
        func run(_ document: String, at server: ServerProcess) throws -> String {
            try RawHTTP.request("POST", "/graphql", port: server.port, body: #"{"query":"\#(document)"}"#).body
        }
        let created = try run(#"mutation { createService(input: {name: \"0\"}) { id } }"#, at: servers[0])
        let id = try #require(created.firstMatch(of: /"id":"([0-9a-f]+)"/)).1
        let answers = await withTaskGroup(of: String.self) { group in
            for number in 1...20 {
                let server = servers[number % 2]
                group.addTask {
                    (try? run(
                        #"mutation { updateService(id: \"\#(id)\", input: {name: \"\#(number)\"}) { version } }"#,
                        at: server)) ?? "no answer"
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        // Each change has a version of its own, so none was made on the same state as another.
        #expect(
            answers.sorted { ($0.count, $0) < ($1.count, $1) }
                == (2...21).map { #"{"data":{"updateService":{"version":\#($0)}}}"# })
        for server in servers { server.terminate() }
        redis.kill()
    }
}
