import GraphQLCore
import ReferenceDomains
import Testing

/// One event of each kind, as it goes in, passes the bus and comes out.
struct CustomerSample: Sendable, CustomTestStringConvertible {
    let event: CustomerEvent
    /// The type of the mutation's input.
    let input: String
    /// All fields of the payload.
    let selection: String
    /// The input, but for the customer.
    let given: String
    /// What subscribers of customer 42 receive.
    let received: String
    /// Members that the message has on the bus.
    let onBus: String

    var testDescription: String { self.event.subscription }

    var subscribe: String {
        "subscription($id: ID!) { \(self.event.subscription)(customerId: $id) { \(self.selection) } }"
    }

    var publish: String {
        "mutation($input: \(self.input)!) { \(self.event.mutation)(input: $input) { receivers } }"
    }

    func variables(customer: String = "42") throws -> JSONObject {
        var input = try JSONReader.read(self.given).objectValue ?? [:]
        input["customerId"] = .string(customer)
        return ["input": .object(input)]
    }

    var response: String { #"{"data":{"\#(self.event.subscription)":\#(self.received)}}"# }

    static let all = [
        CustomerSample(
            event: .networkStatus, input: "CustomerNetworkStatusInput",
            selection: "customerId connectionStatus lastSeenAt signalStrength uptimeSeconds updatedAt",
            given: """
                {"connectionStatus":"online","lastSeenAt":"2025-10-16T11:30:00+02:00","signalStrength":85.5,\
                "uptimeSeconds":60,"updatedAt":"2025-10-16T09:30:01Z"}
                """,
            received: """
                {"customerId":"42","connectionStatus":"online","lastSeenAt":"2025-10-16T09:30:00Z",\
                "signalStrength":85.5,"uptimeSeconds":60,"updatedAt":"2025-10-16T09:30:01Z"}
                """,
            onBus: #"{"connection_status":"online","last_seen_at":"2025-10-16T09:30:00Z","signal_strength":85.5}"#),
        CustomerSample(
            event: .device, input: "CustomerDeviceInput",
            selection: """
                customerId deviceId deviceType deviceName status healthStatus isOnline lastSeenAt signalStrength \
                temperature cpuUsage memoryUsage uptimeSeconds firmwareVersion needsFirmwareUpdate changeType \
                previousValue newValue updatedAt
                """,
            given: """
                {"deviceId":"ont-1","deviceType":"ONT","deviceName":"ONT-Main","status":"inactive",\
                "healthStatus":"critical","isOnline":false,"changeType":"status","previousValue":"online",\
                "newValue":"offline","temperature":41.5,"updatedAt":"2025-10-16T09:30:01Z"}
                """,
            received: """
                {"customerId":"42","deviceId":"ont-1","deviceType":"ONT","deviceName":"ONT-Main","status":"inactive",\
                "healthStatus":"critical","isOnline":false,"lastSeenAt":null,"signalStrength":null,\
                "temperature":41.5,"cpuUsage":null,"memoryUsage":null,"uptimeSeconds":null,"firmwareVersion":null,\
                "needsFirmwareUpdate":null,"changeType":"status","previousValue":"online","newValue":"offline",\
                "updatedAt":"2025-10-16T09:30:01Z"}
                """,
            onBus: #"{"device_id":"ont-1","is_online":false,"previous_value":"online"}"#),
        CustomerSample(
            event: .ticket, input: "CustomerTicketInput",
            selection: """
                customerId action ticket { id ticketNumber title description status priority category subCategory \
                assignedTo assignedToName assignedTeam customerId customerName createdAt updatedAt resolvedAt \
                closedAt } changedBy changedByName changes comment updatedAt
                """,
            given: """
                {"action":"created","ticket":{"id":"t1","ticketNumber":"T-1","title":"No light","status":"open",\
                "priority":"high","createdAt":"2025-10-16T09:00:00-00:30"},"changedBy":"user-123",\
                "changedByName":"Support Agent","changes":{"newStatus":["a",1]},"updatedAt":"2025-10-16T09:30:01Z"}
                """,
            received: """
                {"customerId":"42","action":"created","ticket":{"id":"t1","ticketNumber":"T-1","title":"No light",\
                "description":null,"status":"open","priority":"high","category":null,"subCategory":null,\
                "assignedTo":null,"assignedToName":null,"assignedTeam":null,"customerId":null,"customerName":null,\
                "createdAt":"2025-10-16T09:30:00Z","updatedAt":null,"resolvedAt":null,"closedAt":null},\
                "changedBy":"user-123","changedByName":"Support Agent","changes":{"newStatus":["a",1]},\
                "comment":null,"updatedAt":"2025-10-16T09:30:01Z"}
                """,
            onBus: #"{"action":"created","changed_by_name":"Support Agent","changes":{"newStatus":["a",1]}}"#),
        CustomerSample(
            event: .activity, input: "CustomerActivityInput",
            selection: "id customerId activityType title description performedBy performedByName createdAt",
            given: """
                {"id":"a1","activityType":"call","title":"Called back","performedBy":"u1",\
                "createdAt":"2025-10-16T09:30:01Z"}
                """,
            received: """
                {"id":"a1","customerId":"42","activityType":"call","title":"Called back","description":null,\
                "performedBy":"u1","performedByName":null,"createdAt":"2025-10-16T09:30:01Z"}
                """,
            onBus: #"{"id":"a1","activity_type":"call","created_at":"2025-10-16T09:30:01Z"}"#),
        CustomerSample(
            event: .note, input: "CustomerNoteInput",
            selection: """
                customerId action note { id customerId subject content isInternal createdById createdByName \
                createdAt updatedAt } changedBy changedByName updatedAt
                """,
            given: """
                {"action":"updated","note":{"id":"n1","subject":"Dog","content":"Bites","isInternal":true},\
                "updatedAt":"2025-10-16T09:30:01Z"}
                """,
            received: """
                {"customerId":"42","action":"updated","note":{"id":"n1","customerId":null,"subject":"Dog",\
                "content":"Bites","isInternal":true,"createdById":null,"createdByName":null,"createdAt":null,\
                "updatedAt":null},"changedBy":null,"changedByName":null,"updatedAt":"2025-10-16T09:30:01Z"}
                """,
            onBus: #"{"action":"updated","note":{"id":"n1","subject":"Dog","content":"Bites","is_internal":true}}"#),
        CustomerSample(
            event: .subscription, input: "CustomerSubscriptionInput",
            selection: """
                customerId subscriptionId action plan previousPlan status previousStatus price currency \
                billingPeriod periodStart periodEnd autoRenew changedBy changedByName updatedAt
                """,
            given: """
                {"subscriptionId":"s1","action":"upgraded","plan":"Fibre 1000","previousPlan":"Fibre 250",\
                "status":"active","price":49.90,"currency":"EUR","billingPeriod":"monthly","autoRenew":true,\
                "periodEnd":"2025-11-16T00:00:00Z","updatedAt":"2025-10-16T09:30:01Z"}
                """,
            received: """
                {"customerId":"42","subscriptionId":"s1","action":"upgraded","plan":"Fibre 1000",\
                "previousPlan":"Fibre 250","status":"active","previousStatus":null,"price":"49.9","currency":"EUR",\
                "billingPeriod":"monthly","periodStart":null,"periodEnd":"2025-11-16T00:00:00Z","autoRenew":true,\
                "changedBy":null,"changedByName":null,"updatedAt":"2025-10-16T09:30:01Z"}
                """,
            onBus: #"{"subscription_id":"s1","price":"49.9","period_end":"2025-11-16T00:00:00Z"}"#),
        CustomerSample(
            event: .billing, input: "CustomerBillingInput",
            selection: """
                customerId invoiceId invoiceNumber action amount amountDue currency status dueDate paidAt \
                paymentMethod description updatedAt
                """,
            given: """
                {"invoiceId":"i1","action":"issued","amount":"12345678901234567890.10","currency":"EUR",\
                "status":"open","dueDate":"2025-11-01T00:00:00Z","updatedAt":"2025-10-16T09:30:01Z"}
                """,
            received: """
                {"customerId":"42","invoiceId":"i1","invoiceNumber":null,"action":"issued",\
                "amount":"12345678901234567890.10","amountDue":null,"currency":"EUR","status":"open",\
                "dueDate":"2025-11-01T00:00:00Z","paidAt":null,"paymentMethod":null,"description":null,\
                "updatedAt":"2025-10-16T09:30:01Z"}
                """,
            onBus: #"{"invoice_id":"i1","amount":"12345678901234567890.10"}"#),
    ]
}
