import Foundation
import ReferenceDomains
import TestSupport
import Testing

@Suite("reference-server publish", .timeLimit(.minutes(2)))
struct PublishCommandTests {
    /// Runs the command with text on its standard input.
    private func publish(_ arguments: [String], input: String = "") async throws -> (Int32, String, String) {
        let process = Process()
        let (standardInput, output, errors) = (Pipe(), OutputFile(), OutputFile())
        process.executableURL = URL(fileURLWithPath: ServerProcess.path)
        process.arguments = ["publish"] + arguments
        process.standardInput = standardInput
        process.standardOutput = output.handle
        process.standardError = errors.handle
        try process.run()
        try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try standardInput.fileHandleForWriting.close()
        try await eventually("the command ends", within: .seconds(20)) { !process.isRunning }
        return (process.terminationStatus, output.text, errors.text)
    }

    @Test(
        "Options make one event",
        .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"))
    func options() async throws {
        let system = try await SystemHarness(.init(usesRedis: true, dialect: .transportWS))
        let redis = ["--redis-url", "redis://127.0.0.1:\(try #require(system.redis).port)"]
        try await system.subscribe(
            "s", #"customerNetworkStatusUpdated(customerId: "7") { connectionStatus signalStrength }"#,
            channel: "customer:7:network_status")
        try await system.subscribe(
            "t", #"customerTicketUpdated(customerId: "7") { action ticket { ticketNumber } changes }"#,
            channel: "customer:7:tickets")
        let status = try await self.publish(
            ["network-status", "--customer-id", "7", "--connection-status=online", "--signal-strength", "85"] + redis)
        #expect(status == (0, "published network-status to 1 server\n", ""))
        try system.expect([
            #"s {"data":{"customerNetworkStatusUpdated":{"connectionStatus":"online","signalStrength":85.0}}}"#
        ])
        let ticket = try await self.publish(
            [
                "ticket", "--customer-id", "7", "--action", "created", "--changes", #"{"new_key":[1]}"#, "--ticket",
                #"{"id":"1","ticket_number":"T-1","title":"x","status":"open","priority":"high"}"#,
            ] + redis)
        #expect(ticket == (0, "published ticket to 1 server\n", ""))
        try system.expect([
            #"t {"data":{"customerTicketUpdated":{"action":"created","ticket":{"ticketNumber":"T-1"},"changes":{"new_key":[1]}}}}"#
        ])
        let foreign = try await self.publish(
            ["network-status", "--customer-id", "7", "--connection-status", "x", "--default-tenant", "nobody"] + redis)
        #expect(foreign == (0, "published network-status to 0 servers\n", ""))
        try await system.finish()
    }

    @Test(
        "Lines of JSON are published one by one, and each bad one is named",
        .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"))
    func lines() async throws {
        let system = try await SystemHarness(.init(usesRedis: true, dialect: .transportWS))
        let redis = ["--redis-url", "redis://127.0.0.1:\(try #require(system.redis).port)"]
        try await system.subscribe(
            "s", #"customerActivityAdded(customerId: "7") { title }"#, channel: "customer:7:activities")
        let (code, output, errors) = try await self.publish(
            ["activity"] + redis,
            input: """
                {"customer_id":"7","activity_type":"call","title":"one"}

                {"customerId":"7","activityType":"call","title":"two"}
                {"customer_id":"7","activity_type":"call"}
                nonsense
                [1]
                {"customer_id":"7","activity_type":"call","title":"three","colour":"red"}
                {"customer_id":"a:b","activity_type":"call","title":"four"}
                {"customer_id":7,"activity_type":"call","title":"five"}
                """)
        #expect(code == 65)
        #expect(output == "published 3 activity events\n")
        let lines = errors.split(separator: "\n")
        #expect(lines.count == 5)
        for (number, part) in zip(
            [4, 5, 6, 7, 8],
            ["title", "not JSON", "not a JSON object", "colour", "customerId"])
        {
            #expect(
                lines.contains { $0.hasPrefix("reference-server: line \(number): ") && $0.contains(part) }, "\(errors)")
        }
        try system.expect(["one", "two", "five"].map { #"s {"data":{"customerActivityAdded":{"title":"\#($0)"}}}"# })
        try await system.finish()
    }

    @Test(
        "Every event of the operations streams is published by options, and by lines",
        .enabled(if: RedisServer.isInstalled, "redis-server or redis-cli is not installed: make setup"))
    func operations() async throws {
        let server = try await RedisServer.start()
        let redis = ["--redis-url", "redis://127.0.0.1:\(server.port)", "--default-tenant", "acme"]
        for type in OperationsEventType.allCases {
            let options = Self.operationsOptions[type.stream] ?? []
            let (code, output, errors) = try await self.publish([type.rawValue] + options + redis)
            #expect(code == 0 && errors == "", "\(type): \(errors)")
            #expect(output.contains(try Regex(#"^published \#(type.rawValue) as \d+-\d+\n$"#)), "\(output)")
        }
        let (code, output, errors) = try await self.publish(
            ["alert.raised"] + redis,
            input: """
                {"alert_id":"1","alert_type":"los","severity":"error","source":"olt","message":"m","details":{"a":[1]}}
                {"alert_id":"2","alert_type":"los","severity":"loud","source":"olt","message":"m"}
                {"alert_id":"3","alert_type":"los","severity":"info","source":"olt"}
                {"alert_id":"4","alert_type":"los","severity":"info","source":"olt","message":"m","colour":"red"}
                """)
        #expect(code == 65 && output == "published 2 alert.raised events\n")
        #expect(errors.contains("line 2: alert.raised: \"severity\" must be one of info, warning, error, critical"))
        #expect(errors.contains("line 3: alert.raised: \"message\" is missing"))
        var kept: [OperationsStream: Int] = [:]
        for stream in OperationsStream.allCases {
            kept[stream] = Int(try server.command("XLEN", "acme:realtime:{\(stream.rawValue)}:replay"))
        }
        #expect(
            kept == [
                .onuStatus: 5, .alerts: 4, .tickets: 4, .subscribers: 4, .radiusSessions: 3, .jobs: 5, .campaigns: 1,
            ])
        let last = try server.command("XREVRANGE", "acme:realtime:{alerts}:replay", "+", "-", "COUNT", "1")
        #expect(last.contains(#""event_type":"alert.raised","tenant_id":"acme","#) && last.contains(#""colour":"red""#))
        server.kill()
    }

    /// What the events of each stream need.
    private static let operationsOptions: [OperationsStream: [String]] = [
        .onuStatus: ["--onu-serial", "X1", "--status", "degraded", "--signal-dbm", "-27.5"],
        .alerts: [
            "--alert-id", "X1", "--alert-type", "los", "--severity=critical", "--source", "olt-1", "--message", "dark",
            "--details", #"{"port":3}"#,
        ],
        .tickets: ["--ticket-id", "X1", "--title", "No light", "--status", "open"],
        .subscribers: ["--subscriber-id", "7", "--status", "active"],
        .radiusSessions: [
            "--username", "ada", "--session-id", "1", "--bytes-in", "5", "--timestamp", "2025-10-16T09:30:00Z",
        ],
        .jobs: ["--job-id", "j1", "--job-type", "bulk", "--status", "running", "--progress-percent", "50"],
        .campaigns: ["--campaign-id", "c1", "--status", "running"],
    ]

    @Test(
        "What cannot be used is said in one line",
        arguments: [
            (["nothing"], Int32(64), "there is no event \"nothing\""),
            (["device", "--device-id"], 64, "--device-id needs a value"),
            (["note", "--action", "a", "--action", "b"], 64, "--action is given twice"),
            (["billing", "--nonsense", "1"], 64, "--nonsense"),
            (["alert.risen"], 64, "there is no event \"alert.risen\", only network-status"),
            (["alert.raised", "--colour", "red"], 64, "--colour"),
            (["device", "--customer-id", "1", "--bus", "memory"], 64, "--bus memory"),
        ])
    func usage(arguments: [String], code: Int32, part: String) async throws {
        let ended = try await self.publish(arguments)
        #expect(ended.0 == code)
        #expect(ended.1 == "")
        #expect(ended.2.contains(part), "\(ended.2)")
        #expect(ended.2.split(separator: "\n").count == 1)
    }

    @Test("A Redis that is away is another exit code")
    func outage() async throws {
        let port = try Executable.freePort()
        let (code, _, errors) = try await self.publish(
            [
                "network-status", "--customer-id", "7", "--connection-status", "x", "--redis-url",
                "redis://127.0.0.1:\(port)",
            ])
        #expect(code == 69)
        #expect(errors == "reference-server: Events are not available right now, please try again later.\n")
    }
}
