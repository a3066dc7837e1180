/// A scenario of the runner's own, made while it runs, so that looking at a server and judging it go over the same wires.
enum Improvised {
    /// The steps as a case; `nil` if they cannot be read.
    ///
    /// - Parameters:
    ///   - steps: A YAML list, without indentation.
    ///   - budget: Such as `10s`.
    static func expanded(_ name: String, steps: String, budget: String = "10s", checks: [String] = []) -> ExpandedCase?
    {
        var text = """
            id: \(name)
            uid: GC-0000
            title: \(name)
            level: INFO
            source: gqlconform
            budget: \(budget)
            steps:

            """
        text += steps.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)\n" }.joined()
        // A scenario has to expect something.
        text += "  - assert: {saved: done, equals: done}\n"
        if !checks.isEmpty { text += "checks: [\(checks.joined(separator: ", "))]\n" }
        return try? ScenarioLoader.load([(name: "\(name).yaml", text: text)]).first?.expanded().first
    }

    /// A word as a double-quoted YAML scalar.
    static func quoted(_ text: String) -> String { JSON.string(text).text }
}

extension History {
    /// The first observed value.
    var firstObserved: JSON? {
        for record in self.records {
            if case .observed(_, let value) = record.event { return value }
        }
        return nil
    }

    /// The first answer to an upgrade.
    var firstResponse: WireResponse? {
        for record in self.records {
            if case .responseReceived(let response) = record.event { return response }
        }
        return nil
    }

    /// What the profile would have had to say, if a step asked for it in vain.
    var undeclared: String? {
        for record in self.records {
            if case .problem(.undeclared, let message) = record.event { return message }
        }
        return nil
    }

    /// Why no TCP connection came about, if none did.
    var firstRefusal: String? {
        for record in self.records {
            if case .connectFailed(let reason) = record.event { return reason }
        }
        return nil
    }

    /// The last lines of what went over the wire.
    func tail(_ count: Int) -> [String] { RecordText.last(count, of: self, connection: nil) }
}
