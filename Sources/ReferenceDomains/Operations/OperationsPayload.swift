import GraphQLCore

/// Which members the payload of an operations event has. Others are carried along as they are.
package struct OperationsPayload: Sendable {
    /// What a member is, in JSON.
    package enum Kind: Sendable {
        case text
        case number
        case object
        case oneOf([String])

        /// What a value must be, for messages.
        var expectation: String {
            switch self {
            case .text: "a string"
            case .number: "a number"
            case .object: "an object"
            case .oneOf(let values): "one of \(values.joined(separator: ", "))"
            }
        }

        func accepts(_ value: JSONValue) -> Bool {
            switch (self, value) {
            case (.text, .string), (.number, .int), (.number, .double), (.number, .number), (.object, .object): true
            case (.oneOf(let values), .string(let text)): values.contains(text)
            default: false
            }
        }
    }

    /// One member.
    package struct Member: Sendable {
        /// In snake_case.
        package let name: String
        package let kind: Kind
        let isRequired: Bool

        init(_ name: String, _ kind: Kind = .text, isRequired: Bool = false) {
            self.name = name
            self.kind = kind
            self.isRequired = isRequired
        }
    }

    package let members: [Member]

    /// - Throws: `GraphQLError` naming the first member that is missing or of another kind.
    func check(_ payload: JSONObject, of type: OperationsEventType) throws(GraphQLError) {
        for member in self.members {
            let value = payload[member.name] ?? .null
            guard !value.isNull else {
                guard !member.isRequired else {
                    throw Self.mistake(type, member, "is missing: it must be \(member.kind.expectation)")
                }
                continue
            }
            guard member.kind.accepts(value) else {
                throw Self.mistake(type, member, "must be \(member.kind.expectation)")
            }
        }
    }

    private static func mistake(_ type: OperationsEventType, _ member: Member, _ what: String) -> GraphQLError {
        GraphQLError(
            message: ClientMessages.member(member.name, of: type.rawValue, what), extensions: ["code": "BAD_USER_INPUT"]
        )
    }

    /// What the events of a stream carry.
    package static func of(_ stream: OperationsStream) -> OperationsPayload {
        switch stream {
        case .onuStatus: self.onu
        case .alerts: self.alert
        case .tickets: self.ticket
        case .subscribers: self.subscriber
        case .radiusSessions: self.session
        case .jobs: self.job
        case .campaigns: self.campaign
        }
    }

    private static let onuStates = ["online", "offline", "rebooting", "degraded"]
    private static let onu = OperationsPayload(members: [
        Member("onu_serial", isRequired: true), Member("subscriber_id"),
        Member("status", .oneOf(onuStates), isRequired: true), Member("previous_status", .oneOf(onuStates)),
        Member("signal_dbm", .number), Member("olt_id"), Member("pon_port"),
    ])
    private static let session = OperationsPayload(members: [
        Member("username", isRequired: true), Member("session_id", isRequired: true), Member("nas_ip_address"),
        Member("framed_ip_address"), Member("subscriber_id"), Member("bandwidth_profile"),
        Member("bytes_in", .number), Member("bytes_out", .number), Member("session_time", .number),
        Member("terminate_cause"),
    ])
    private static let progress: [Member] = [
        Member("status", isRequired: true), Member("progress_percent", .number), Member("items_total", .number),
        Member("items_processed", .number), Member("items_succeeded", .number), Member("items_failed", .number),
    ]
    private static let job = OperationsPayload(
        members: [Member("job_id", isRequired: true), Member("job_type", isRequired: true)] + progress + [
            Member("current_item"), Member("error_message"),
        ])
    private static let campaign = OperationsPayload(
        members: [Member("campaign_id", isRequired: true), Member("campaign_type")] + progress)
    private static let ticket = OperationsPayload(members: [
        Member("ticket_id", isRequired: true), Member("ticket_number"), Member("title", isRequired: true),
        Member("category"), Member("priority"), Member("status", isRequired: true), Member("assigned_to"),
        Member("subscriber_id"),
    ])
    private static let alert = OperationsPayload(members: [
        Member("alert_id", isRequired: true), Member("alert_type", isRequired: true),
        Member("severity", .oneOf(["info", "warning", "error", "critical"]), isRequired: true),
        Member("source", isRequired: true), Member("message", isRequired: true), Member("details", .object),
    ])
    private static let subscriber = OperationsPayload(members: [
        Member("subscriber_id", isRequired: true), Member("account_number"), Member("full_name"),
        Member("status", isRequired: true), Member("plan"), Member("onu_serial"),
    ])
}
