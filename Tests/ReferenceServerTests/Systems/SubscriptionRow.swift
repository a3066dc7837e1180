/// One subscription, what makes its events happen, and what the n-th of them is.
struct SubscriptionRow: Sendable {
    let subscription: String
    let channel: String
    /// Made before; its id stands for `ID`.
    var needs: String?
    let mutation: String
    let event: String
    /// What another tenant's client is told that asks for the same; nil where it is simply told of nothing.
    var refusal: String?

    /// Every subscription to a channel. The tenant is `public`.
    static let all = Self.customer + Self.others

    /// A text with an id in the place of `ID`, for the n-th event.
    static func filled(_ text: String, _ number: Int = 0, id: String) -> String {
        text.replacing("STATUS", with: number % 2 == 0 ? "ACTIVE" : "SUSPENDED")
            .replacing("\"ID\"", with: "\"\(id)\"").replacing("\"N\"", with: "\"\(number)\"")
    }

    private static let customer = [
        (
            "customerNetworkStatusUpdated", "network_status", "publishCustomerNetworkStatus",
            #"connectionStatus: "N""#, "connectionStatus"
        ),
        (
            "customerDevicesUpdated", "devices", "publishCustomerDevice",
            """
            deviceId: "N", deviceType: "ONT", deviceName: "d", status: "a", healthStatus: "h", isOnline: true, \
            changeType: "c"
            """, "deviceId"
        ),
        (
            "customerTicketUpdated", "tickets", "publishCustomerTicket",
            #"action: "N", ticket: {id: 1, ticketNumber: "T", title: "t", status: "open", priority: "low"}"#, "action"
        ),
        (
            "customerActivityAdded", "activities", "publishCustomerActivity", #"activityType: "a", title: "N""#, "title"
        ),
        ("customerNoteUpdated", "notes", "publishCustomerNote", #"action: "N""#, "action"),
        (
            "customerSubscriptionUpdated", "subscriptions", "publishCustomerSubscription",
            #"subscriptionId: "s", action: "a", plan: "N", status: "active""#, "plan"
        ),
        (
            "customerBillingUpdated", "billing", "publishCustomerBilling",
            #"invoiceId: "N", action: "a", amount: "1", currency: "EUR", status: "open""#, "invoiceId"
        ),
    ].map { subscription, kind, mutation, input, field in
        SubscriptionRow(
            subscription: #"event: \#(subscription)(customerId: "7") { text: \#(field) }"#,
            channel: "customer:7:\(kind)", mutation: #"\#(mutation)(input: {customerId: 7, \#(input)}) { receivers }"#,
            event: #"{"text":"N"}"#)
    }

    private static let ticket = #"createSupportTicket(input: {title: "t"}) { id }"#
    private static let comment = #"commentSupportTicket(id: "ID", text: "N") { id }"#
    private static let others = [
        SubscriptionRow(
            subscription: #"event: serviceUpdated(serviceId: "ID") { text: name }"#, channel: "services:updated",
            needs: #"createService(input: {name: "s"}) { id }"#,
            mutation: #"updateService(id: "ID", input: {name: "N"}) { id }"#, event: #"{"text":"N"}"#),
        SubscriptionRow(
            subscription: "event: serviceUpdated { text: name }", channel: "services:updated",
            mutation: #"createService(input: {name: "N"}) { id }"#, event: #"{"text":"N"}"#),
        SubscriptionRow(
            subscription: "event: newServiceRequest { text: justification }", channel: "services:requested",
            mutation: #"requestService(input: {name: "s", justification: "N"}) { id }"#, event: #"{"text":"N"}"#),
        SubscriptionRow(
            subscription: #"event: serviceStatusChanged(serviceId: "ID") { text: reason status }"#,
            channel: "services:status", needs: #"createService(input: {name: "s"}) { id }"#,
            mutation: #"changeServiceStatus(id: "ID", status: STATUS, reason: "N") { id }"#,
            event: #"{"text":"N","status":"STATUS"}"#),
        SubscriptionRow(
            subscription: "event: supportTicketEvents { comment { text } }", channel: "support:tickets",
            needs: Self.ticket, mutation: Self.comment, event: #"{"comment":{"text":"N"}}"#),
        SubscriptionRow(
            subscription: #"event: ticketUpdated(ticketId: "ID") { comment { text } }"#, channel: "support:tickets",
            needs: Self.ticket, mutation: Self.comment, event: #"{"comment":{"text":"N"}}"#,
            refusal: #""code":"NOT_FOUND""#),
        SubscriptionRow(
            subscription: "event: myTicketUpdates { comment { text } }", channel: "support:tickets",
            needs: Self.ticket, mutation: Self.comment, event: #"{"comment":{"text":"N"}}"#),
        SubscriptionRow(
            subscription: "event: teamTicketUpdates { comment { text } }", channel: "support:tickets",
            needs: Self.ticket, mutation: Self.comment, event: #"{"comment":{"text":"N"}}"#),
        SubscriptionRow(
            subscription: #"event: documentUpdates(tenantId: "public") { text: filename }"#,
            channel: "documents:public", mutation: #"uploadDocument(input: {filename: "N"}) { id }"#,
            event: #"{"text":"N"}"#, refusal: #""code":"FORBIDDEN""#),
        SubscriptionRow(
            subscription: #"event: chatUpdates(sessionId: "s") { text: content }"#, channel: "chat:s",
            mutation: #"sendChatMessage(sessionId: "s", content: "N") { messageId }"#, event: #"{"text":"N"}"#),
    ]
}
