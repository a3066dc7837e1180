/// The streams of the operations system, under `/api/v1/realtime`.
public enum OperationsEndpoint: Sendable, Hashable {
    case onuStatus, alerts, tickets, subscribers, radiusSessions
    case sessionsSocket
    case job(id: String)
    case campaign(id: String)

    /// Behind the address of the server.
    public var path: String {
        let name =
            switch self {
            case .onuStatus: "onu-status"
            case .alerts: "alerts"
            case .tickets: "tickets"
            case .subscribers: "subscribers"
            case .radiusSessions: "radius-sessions"
            case .sessionsSocket: "ws/sessions"
            case .job(let id): "ws/jobs/\(id)"
            case .campaign(let id): "ws/campaigns/\(id)"
            }
        return "/api/v1/realtime/" + name
    }

    private var speech: RealtimeClient.Speech {
        switch self {
        case .onuStatus, .alerts, .tickets, .subscribers, .radiusSessions: .eventStream
        case .sessionsSocket, .job, .campaign: .socket
        }
    }

    /// - Parameter server: Such as `http://127.0.0.1:4000`, without a path.
    public func configuration(server: String, token: String?) -> RealtimeClient.Configuration {
        RealtimeClient.Configuration(url: server + self.path, speech: self.speech, token: token)
    }
}

/// Commands for a job or a campaign; each is acknowledged by the server, and shows in the events that follow.
public enum ControlCommand: String, Sendable, Hashable, CaseIterable {
    case cancelJob = "cancel_job"
    case pauseJob = "pause_job"
    case resumeJob = "resume_job"
    case cancelCampaign = "cancel_campaign"
    case pauseCampaign = "pause_campaign"
    case resumeCampaign = "resume_campaign"
}

extension RealtimeClient {
    /// Sends a command about the job or campaign of the endpoint.
    public func control(_ command: ControlCommand) {
        self.send(#"{"type":"\#(command.rawValue)"}"#)
    }
}
