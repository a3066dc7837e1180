package import GraphQLCore

/// A job or a campaign as it is stored, and as its events tell of it.
package struct WorkItem: Sendable {
    /// What its events carry.
    package var members: JSONObject

    package init(members: JSONObject) {
        self.members = members
    }

    /// How it stands.
    package enum Status: String, Sendable, CaseIterable {
        case running, paused, completed, failed, cancelled

        /// Whether nothing more will happen to it.
        package var isFinal: Bool {
            switch self {
            case .running, .paused: false
            case .completed, .failed, .cancelled: true
            }
        }
    }

    var status: Status {
        get { self.members["status"]?.stringValue.flatMap(Status.init(rawValue:)) ?? .failed }
        set { self.members["status"] = .string(newValue.rawValue) }
    }

    /// A number of the progress, 0 when it is not there.
    func number(_ key: String) -> Int64 { self.members[key]?.intValue ?? 0 }

    /// One step further: some items are done, and when all are, it is completed.
    mutating func advance(by items: Int64) {
        let total = max(self.number("items_total"), 1)
        let processed = min(self.number("items_processed") + items, total)
        self.members["items_processed"] = .int(processed)
        self.members["items_succeeded"] = .int(processed - self.number("items_failed"))
        self.members["progress_percent"] = .int(processed * 100 / total)
        if processed == total { self.status = .completed }
    }
}

/// A command about a job or a campaign.
package enum WorkCommand: String, Sendable, CaseIterable {
    case cancelJob = "cancel_job"
    case pauseJob = "pause_job"
    case resumeJob = "resume_job"
    case cancelCampaign = "cancel_campaign"
    case pauseCampaign = "pause_campaign"
    case resumeCampaign = "resume_campaign"

    /// What it is about.
    package var kind: WorkKind {
        switch self {
        case .cancelJob, .pauseJob, .resumeJob: .job
        case .cancelCampaign, .pauseCampaign, .resumeCampaign: .campaign
        }
    }

    /// Who may give it.
    package var permission: String {
        switch self {
        case .cancelJob: "jobs.cancel"
        case .pauseJob: "jobs.pause"
        case .resumeJob: "jobs.resume"
        case .cancelCampaign: "campaigns.cancel"
        case .pauseCampaign: "campaigns.pause"
        case .resumeCampaign: "campaigns.resume"
        }
    }

    /// How the item stands behind it.
    var result: WorkItem.Status {
        switch self {
        case .cancelJob, .cancelCampaign: .cancelled
        case .pauseJob, .pauseCampaign: .paused
        case .resumeJob, .resumeCampaign: .running
        }
    }

    /// Whether it can be given to an item that stands like that.
    func fits(_ status: WorkItem.Status) -> Bool {
        switch self {
        case .cancelJob, .cancelCampaign: !status.isFinal
        case .pauseJob, .pauseCampaign: status == .running
        case .resumeJob, .resumeCampaign: status == .paused
        }
    }
}

/// What commands are about.
package enum WorkKind: String, Sendable, CaseIterable {
    case job
    case campaign

    /// Where its events go.
    package var stream: OperationsStream { self == .job ? .jobs : .campaigns }
    /// The member that says which one it is: `job_id` or `campaign_id`.
    package var idKey: String { "\(self.rawValue)_id" }

    /// How it is told that an item stands like that.
    func eventType(_ status: WorkItem.Status) -> OperationsEventType {
        guard self == .job else { return .campaignProgress }
        return switch status {
        case .running, .paused: .jobProgress
        case .completed: .jobCompleted
        case .failed: .jobFailed
        case .cancelled: .jobCancelled
        }
    }
}
