/// A stream of the operations system.
package enum OperationsStream: String, Sendable, Hashable, CaseIterable {
    case onuStatus = "onu-status"
    case alerts
    case tickets
    case subscribers
    case radiusSessions = "radius-sessions"
    case jobs
    case campaigns

    /// The events that it carries.
    package var eventTypes: [OperationsEventType] {
        OperationsEventType.allCases.filter { $0.stream == self }
    }
}

/// What operations events tell, under the names that they have everywhere.
package enum OperationsEventType: String, Sendable, Hashable, CaseIterable {
    case onuOnline = "onu.online"
    case onuOffline = "onu.offline"
    case onuSignalDegraded = "onu.signal_degraded"
    case onuProvisioned = "onu.provisioned"
    case onuDeprovisioned = "onu.deprovisioned"
    case sessionStarted = "session.started"
    case sessionUpdated = "session.updated"
    case sessionStopped = "session.stopped"
    case jobCreated = "job.created"
    case jobProgress = "job.progress"
    case jobCompleted = "job.completed"
    case jobFailed = "job.failed"
    case jobCancelled = "job.cancelled"
    case ticketCreated = "ticket.created"
    case ticketUpdated = "ticket.updated"
    case ticketAssigned = "ticket.assigned"
    case ticketResolved = "ticket.resolved"
    case alertRaised = "alert.raised"
    case alertCleared = "alert.cleared"
    case subscriberCreated = "subscriber.created"
    case subscriberActivated = "subscriber.activated"
    case subscriberSuspended = "subscriber.suspended"
    case subscriberTerminated = "subscriber.terminated"
    case campaignProgress = "campaign.progress"

    /// The stream that carries it.
    package var stream: OperationsStream {
        switch self {
        case .onuOnline, .onuOffline, .onuSignalDegraded, .onuProvisioned, .onuDeprovisioned: .onuStatus
        case .sessionStarted, .sessionUpdated, .sessionStopped: .radiusSessions
        case .jobCreated, .jobProgress, .jobCompleted, .jobFailed, .jobCancelled: .jobs
        case .ticketCreated, .ticketUpdated, .ticketAssigned, .ticketResolved: .tickets
        case .alertRaised, .alertCleared: .alerts
        case .subscriberCreated, .subscriberActivated, .subscriberSuspended, .subscriberTerminated: .subscribers
        case .campaignProgress: .campaigns
        }
    }
}
