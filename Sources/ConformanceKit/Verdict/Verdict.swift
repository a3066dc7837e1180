/// What became of a case.
package enum Verdict: String, Sendable, Codable, CaseIterable {
    /// The strict outcome.
    case pass
    /// Observation only.
    case info
    /// An outcome that is listed as acceptable; a failure in a strict run.
    case nonstrict
    /// Removed by a filter or by the matrix.
    case notSelected = "not-selected"
    /// The profile says that the server lacks what the case needs.
    case unsupported
    /// The precondition was not reached, so nothing is known.
    case inconclusive
    /// Profile and reality disagree.
    case misdeclared
    /// A requirement is broken.
    case fail
    /// The harness or its environment broke, or the budget ran out.
    case error

    private var severity: Int { Verdict.allCases.firstIndex(of: self) ?? 0 }

    /// The worse of two; the order is that of the cases of this enum.
    package static func worse(_ left: Verdict, _ right: Verdict) -> Verdict {
        left.severity >= right.severity ? left : right
    }

    /// Whether the verdict lets a run succeed that is not strict.
    package var isGood: Bool {
        switch self {
        case .pass, .info, .nonstrict: true
        default: false
        }
    }
}

/// The sides of a case that are judged apart.
package enum Facet: String, Sendable, Codable, CaseIterable {
    /// What the server answered.
    case behaviour
    /// How a connection ended.
    case close
    /// What was left behind.
    case cleanup
    /// Whether the server still serves afterwards.
    case recovery
}
