extension CustomerEvent {
    package static let networkStatus = CustomerEvent(
        "network_status", "customerNetworkStatusUpdated", "publishCustomerNetworkStatus",
        "CustomerNetworkStatusUpdate",
        PayloadShape([
            "customerId": .plain, "connectionStatus": .plain, "lastSeenAt": .time, "ipv4Address": .plain,
            "ipv6Address": .plain, "macAddress": .plain, "vlanId": .plain, "signalStrength": .plain,
            "signalQuality": .plain, "uptimeSeconds": .plain, "uptimePercentage": .plain,
            "bandwidthUsageMbps": .plain, "downloadSpeedMbps": .plain, "uploadSpeedMbps": .plain,
            "packetLoss": .plain, "latencyMs": .plain, "jitter": .plain, "ontRxPower": .plain, "ontTxPower": .plain,
            "oltRxPower": .plain, "serviceStatus": .plain, "updatedAt": .time,
        ]))

    package static let device = CustomerEvent(
        "devices", "customerDevicesUpdated", "publishCustomerDevice", "CustomerDeviceUpdate",
        PayloadShape([
            "customerId": .plain, "deviceId": .plain, "deviceType": .plain, "deviceName": .plain, "status": .plain,
            "healthStatus": .plain, "isOnline": .plain, "lastSeenAt": .time, "signalStrength": .plain,
            "temperature": .plain, "cpuUsage": .plain, "memoryUsage": .plain, "uptimeSeconds": .plain,
            "firmwareVersion": .plain, "needsFirmwareUpdate": .plain, "changeType": .plain, "previousValue": .plain,
            "newValue": .plain, "updatedAt": .time,
        ]))

    package static let ticket = CustomerEvent(
        "tickets", "customerTicketUpdated", "publishCustomerTicket", "CustomerTicketUpdate",
        PayloadShape([
            "customerId": .plain, "action": .plain, "ticket": .object(ticketData), "changedBy": .plain,
            "changedByName": .plain, "changes": .plain, "comment": .plain, "updatedAt": .time,
        ]))

    static let ticketData = PayloadShape([
        "id": .plain, "ticketNumber": .plain, "title": .plain, "description": .plain, "status": .plain,
        "priority": .plain, "category": .plain, "subCategory": .plain, "assignedTo": .plain,
        "assignedToName": .plain, "assignedTeam": .plain, "customerId": .plain, "customerName": .plain,
        "createdAt": .time, "updatedAt": .time, "resolvedAt": .time, "closedAt": .time,
    ])

    package static let activity = CustomerEvent(
        "activities", "customerActivityAdded", "publishCustomerActivity", "CustomerActivityUpdate",
        timeKey: "created_at",
        PayloadShape([
            "id": .plain, "customerId": .plain, "activityType": .plain, "title": .plain, "description": .plain,
            "performedBy": .plain, "performedByName": .plain, "createdAt": .time,
        ]))

    package static let note = CustomerEvent(
        "notes", "customerNoteUpdated", "publishCustomerNote", "CustomerNoteUpdate",
        PayloadShape([
            "customerId": .plain, "action": .plain, "note": .object(noteData), "changedBy": .plain,
            "changedByName": .plain, "updatedAt": .time,
        ]))

    static let noteData = PayloadShape([
        "id": .plain, "customerId": .plain, "subject": .plain, "content": .plain, "isInternal": .plain,
        "createdById": .plain, "createdByName": .plain, "createdAt": .time, "updatedAt": .time,
    ])

    package static let subscription = CustomerEvent(
        "subscriptions", "customerSubscriptionUpdated", "publishCustomerSubscription", "CustomerSubscriptionUpdate",
        PayloadShape([
            "customerId": .plain, "subscriptionId": .plain, "action": .plain, "plan": .plain, "previousPlan": .plain,
            "status": .plain, "previousStatus": .plain, "price": .decimal, "currency": .plain,
            "billingPeriod": .plain, "periodStart": .time, "periodEnd": .time, "autoRenew": .plain,
            "changedBy": .plain, "changedByName": .plain, "updatedAt": .time,
        ]))

    package static let billing = CustomerEvent(
        "billing", "customerBillingUpdated", "publishCustomerBilling", "CustomerBillingUpdate",
        PayloadShape([
            "customerId": .plain, "invoiceId": .plain, "invoiceNumber": .plain, "action": .plain, "amount": .decimal,
            "amountDue": .decimal, "currency": .plain, "status": .plain, "dueDate": .time, "paidAt": .time,
            "paymentMethod": .plain, "description": .plain, "updatedAt": .time,
        ]))
}
