/// The JSON Schemas of the files that people write and read.
package enum PublishedSchema: String, Sendable, CaseIterable {
    case scenario, profile, report

    /// The schema as JSON text, for editors and for readers of reports.
    package var text: String {
        let bytes =
            switch self {
            case .scenario: PackageResources.scenario_schema_json
            case .profile: PackageResources.profile_schema_json
            case .report: PackageResources.report_schema_json
            }
        let text = String(decoding: bytes, as: UTF8.self)
        guard self == .scenario else { return text }
        // The verbs are those that this version plays.
        let verbs = StepDecoder.verbs.keys.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
        return text.replacing("\"VERBS\"", with: verbs)
    }
}
