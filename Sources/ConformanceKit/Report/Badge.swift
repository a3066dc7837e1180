import Foundation

/// `badge.json` in the form of a shields.io endpoint.
struct Badge: Encodable {
    var schemaVersion = 1
    var label = "graphql realtime"
    var message: String
    var color: String

    init(_ report: RunReport) {
        let decided = report.totals.passed + report.totals.failed + report.totals.known
        self.message = "\(report.status.rawValue), \(report.totals.passed)/\(decided)"
        switch report.status {
        case .conformant: self.color = "brightgreen"
        case .partial: self.color = "green"
        case .inconclusive: self.color = "lightgrey"
        case .nonconformant: self.color = "red"
        }
    }
}
