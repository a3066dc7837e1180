import RealtimeClient
import TestSupport
import Testing

/// Every type of event of the operations system with every member of its payload, from one server to another.
@Suite("System: operations streams, all names", .timeLimit(.minutes(2)))
struct OperationsNamesTests {
    /// A member and its value, which is written alike in GraphQL and in JSON.
    private typealias Member = (name: String, value: String)

    private struct Kind {
        let endpoint: OperationsEndpoint
        let types: [String]
        let members: [Member]
    }

    private static func texts(_ names: String) -> [Member] {
        names.split(separator: " ").map { (String($0), #""\#($0) é""#) }
    }

    private static func numbers(_ names: String) -> [Member] {
        names.split(separator: " ").enumerated().map { (String($1), "\($0 + 7)") }
    }

    private static func types(_ prefix: String, _ names: String) -> [String] {
        names.split(separator: " ").map { "\(prefix).\($0)" }
    }

    /// - Parameters:
    ///   - job: The id of a job that is there, since a socket is opened for one.
    ///   - campaign: That of a campaign.
    private static func kinds(job: String, campaign: String) -> [Kind] {
        let progress =
            Self.numbers("progress_percent items_total items_processed items_succeeded items_failed")
            + [("status", #""running""#)]
        return [
            Kind(
                endpoint: .onuStatus,
                types: Self.types("onu", "online offline signal_degraded provisioned deprovisioned"),
                members: Self.texts("onu_serial subscriber_id olt_id pon_port") + [
                    ("status", #""rebooting""#), ("previous_status", #""degraded""#), ("signal_dbm", "-21.5"),
                ]),
            Kind(
                endpoint: .radiusSessions, types: Self.types("session", "started updated stopped"),
                members: Self.texts(
                    """
                    username session_id nas_ip_address framed_ip_address subscriber_id bandwidth_profile \
                    terminate_cause
                    """) + Self.numbers("bytes_in bytes_out session_time")),
            Kind(
                endpoint: .tickets, types: Self.types("ticket", "created updated assigned resolved"),
                members: Self.texts(
                    "ticket_id ticket_number title category priority status assigned_to subscriber_id")),
            Kind(
                endpoint: .alerts, types: Self.types("alert", "raised cleared"),
                members: Self.texts("alert_id alert_type source message") + [
                    ("severity", #""warning""#), ("details", #"{"port":[1,2]}"#),
                ]),
            Kind(
                endpoint: .subscribers, types: Self.types("subscriber", "created activated suspended terminated"),
                members: Self.texts("subscriber_id account_number full_name status plan onu_serial")),
            Kind(
                endpoint: .job(id: job), types: Self.types("job", "created progress completed failed cancelled"),
                members: [("job_id", "\"\(job)\"")] + Self.texts("job_type current_item error_message") + progress),
            Kind(
                endpoint: .campaign(id: campaign), types: ["campaign.progress"],
                members: [("campaign_id", "\"\(campaign)\""), ("campaign_type", #""newsletter""#)] + progress),
        ]
    }

    @Test("Each arrives as it was published", arguments: SystemHarness.Setup.all.filter { $0.dialect == .transportWS })
    func names(setup: SystemHarness.Setup) async throws {
        let system = try await SystemHarness(setup)
        // So long that no event of their own comes while this looks: each step is a fiftieth, every half a second.
        let job = try system.make(#"startJob(jobType: "x", itemsTotal: 1000000)"#, id: "job_id")
        let campaign = try system.make(#"startCampaign(campaignType: "x", itemsTotal: 1000000)"#, id: "campaign_id")
        let kinds = Self.kinds(job: job, campaign: campaign)
        #expect(kinds.reduce(0) { $0 + $1.types.count } == 24)
        for kind in kinds {
            let client = try RealtimeClient(
                kind.endpoint.configuration(server: "http://127.0.0.1:\(system.listenerPort)", token: nil))
            client.start()
            try await eventually("connected") { client.history.first?.type == "connected" }
            for type in kind.types {
                let members = kind.members + [("timestamp", #""2025-10-16T09:30:00Z""#)]
                // An object of JSON has quoted names, one of GraphQL has not.
                let input = members.map { "\($0.name): \($0.value.replacing("\"port\"", with: "port"))" }
                    .joined(separator: ", ")
                try system.succeed("publishOperationsEvent(eventType: \"\(type)\", payload: {\(input)}) { id }")
                let wanted = PayloadValue(
                    text: "{"
                        + (members + [("event_type", "\"\(type)\""), ("tenant_id", "\"public\"")])
                        .map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}")
                try #require(wanted != nil)
                // The job's own progress may come between.
                try await eventually("\(type), behind \(client.history.last?.text ?? "")") {
                    client.history.contains { $0.type == type && $0.payload == wanted }
                }
            }
            client.close()
        }
        try await system.finish()
    }
}
