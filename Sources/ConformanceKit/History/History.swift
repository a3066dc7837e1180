/// The records of one case, in order.
package struct History: Sendable, Codable, Equatable {
    package var records: [HistoryRecord]

    package init(_ records: [HistoryRecord] = []) { self.records = records }

    /// The records of each case of a run's `history.ndjson`, cases in the order of their first record.
    package static func grouped(_ records: [HistoryRecord]) -> [(caseName: String, history: History)] {
        var order: [String] = []
        var groups: [String: [HistoryRecord]] = [:]
        for record in records {
            if groups[record.caseName] == nil { order.append(record.caseName) }
            groups[record.caseName, default: []].append(record)
        }
        return order.map { ($0, History((groups[$0] ?? []).sorted { $0.sequence < $1.sequence })) }
    }
}
