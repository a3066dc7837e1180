import TestSupport
import Testing

/// Every field of every payload of customers, from a mutation at one server to a subscription at another.
@Suite("System: customer 360, all names", .timeLimit(.minutes(2)))
struct CustomerNamesTests {
    /// A field with its value, which is written alike in GraphQL and in JSON; or one with fields of its own.
    private indirect enum Field {
        case plain(String, String)
        case object(String, [Field])

        /// `a b { c }`
        var selection: String {
            switch self {
            case .plain(let name, _): name
            case .object(let name, let fields): "\(name) { \(fields.map(\.selection).joined(separator: " ")) }"
            }
        }

        /// `a: 1`
        var input: String {
            switch self {
            case .plain(let name, let value): "\(name): \(value)"
            case .object(let name, let fields): "\(name): {\(fields.map(\.input).joined(separator: ", "))}"
            }
        }

        /// `"a":1`
        var json: String {
            switch self {
            case .plain(let name, let value): #""\#(name)":\#(value)"#
            case .object(let name, let fields): #""\#(name)":{\#(fields.map(\.json).joined(separator: ","))}"#
            }
        }
    }

    private static let time = #""2025-10-16T09:30:00Z""#

    private static func texts(_ names: String) -> [Field] {
        names.split(separator: " ").map { .plain(String($0), #""\#($0) é""#) }
    }

    private static func times(_ names: String) -> [Field] {
        names.split(separator: " ").map { .plain(String($0), self.time) }
    }

    private static func fractions(_ names: String) -> [Field] {
        names.split(separator: " ").enumerated().map { .plain(String($1), "\($0).5") }
    }

    private static func integers(_ names: String) -> [Field] {
        names.split(separator: " ").enumerated().map { .plain(String($1), "\($0 + 7)") }
    }

    private static let kinds: [(subscription: String, kind: String, mutation: String, fields: [Field])] = [
        (
            "customerNetworkStatusUpdated", "network_status", "publishCustomerNetworkStatus",
            Self.texts("connectionStatus ipv4Address ipv6Address macAddress serviceStatus")
                + Self.times("lastSeenAt updatedAt") + Self.integers("vlanId uptimeSeconds")
                + Self.fractions(
                    """
                    signalStrength signalQuality uptimePercentage bandwidthUsageMbps downloadSpeedMbps uploadSpeedMbps \
                    packetLoss latencyMs jitter ontRxPower ontTxPower oltRxPower
                    """)
        ),
        (
            "customerDevicesUpdated", "devices", "publishCustomerDevice",
            Self.texts(
                "deviceId deviceType deviceName status healthStatus firmwareVersion changeType previousValue newValue")
                + Self.times("lastSeenAt updatedAt") + Self.integers("uptimeSeconds")
                + Self.fractions("signalStrength temperature cpuUsage memoryUsage")
                + [.plain("isOnline", "true"), .plain("needsFirmwareUpdate", "false")]
        ),
        (
            "customerTicketUpdated", "tickets", "publishCustomerTicket",
            Self.texts("action changedBy changedByName comment") + Self.times("updatedAt") + [
                .object(
                    "ticket",
                    Self.texts(
                        """
                        id ticketNumber title description status priority category subCategory assignedTo \
                        assignedToName assignedTeam customerId customerName
                        """) + Self.times("createdAt updatedAt resolvedAt closedAt"))
            ]
        ),
        (
            "customerActivityAdded", "activities", "publishCustomerActivity",
            Self.texts("id activityType title description performedBy performedByName") + Self.times("createdAt")
        ),
        (
            "customerNoteUpdated", "notes", "publishCustomerNote",
            Self.texts("action changedBy changedByName") + Self.times("updatedAt") + [
                .object(
                    "note",
                    Self.texts("id customerId subject content createdById createdByName")
                        + Self.times("createdAt updatedAt") + [.plain("isInternal", "true")])
            ]
        ),
        (
            "customerSubscriptionUpdated", "subscriptions", "publishCustomerSubscription",
            Self.texts(
                """
                subscriptionId action plan previousPlan status previousStatus currency billingPeriod changedBy \
                changedByName
                """) + Self.times("periodStart periodEnd updatedAt")
                + [.plain("price", #""49.90""#), .plain("autoRenew", "true")]
        ),
        (
            "customerBillingUpdated", "billing", "publishCustomerBilling",
            Self.texts("invoiceId invoiceNumber action currency status paymentMethod description")
                + Self.times("dueDate paidAt updatedAt")
                + [.plain("amount", #""12345678901234567890.10""#), .plain("amountDue", #""0.00""#)]
        ),
    ]

    @Test("Each arrives as it was published", arguments: SystemHarness.Setup.all)
    func names(setup: SystemHarness.Setup) async throws {
        let system = try await SystemHarness(setup)
        for (subscription, kind, mutation, fields) in Self.kinds {
            let all = [.plain("customerId", #""7""#)] + fields
            try await system.subscribe(
                kind, #"\#(subscription)(customerId: "7") { \#(all.map(\.selection).joined(separator: " ")) }"#,
                channel: "customer:7:\(kind)")
            try system.succeed("\(mutation)(input: {\(all.map(\.input).joined(separator: ", "))}) { receivers }")
            try system.expect([
                #"\#(kind) {"data":{"\#(subscription)":{\#(all.map(\.json).joined(separator: ","))}}}"#
            ])
        }
        try await system.finish()
    }
}
