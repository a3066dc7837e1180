/// Sentences for reports.
enum Describe {
    static func milliseconds(_ nanoseconds: UInt64) -> String {
        let milliseconds = Double(nanoseconds / 10_000) / 100
        if milliseconds >= 1_000 { return "\(milliseconds / 1_000) s" }
        return "\(milliseconds) ms"
    }

    static func outcome(_ outcome: Expectation.Outcome) -> String {
        let verdict = outcome.verdict == .pass ? "" : "[\(outcome.verdict.rawValue)] "
        let note = outcome.note.map { " (\($0))" } ?? ""
        return verdict + self.form(outcome.form) + note
    }

    static func form(_ form: Expectation.Form) -> String {
        switch form {
        case .messages(let patterns, let times):
            let list = patterns.map(\.summary).joined(separator: ", then ")
            return times > 1 ? "\(times) times \(list)" : list
        case .close(let pattern):
            let end = pattern.untilEOF ? ", and the end of TCP" : ""
            if pattern.form == .eof { return "the end of TCP" }
            let codes = pattern.codes.map { " with " + $0.map(String.init).joined(separator: " or ") } ?? ""
            let reason = pattern.reason.map { " and the reason \(PatternMatcher.brief($0))" } ?? ""
            return (pattern.form == .frame ? "a close frame" : "a close frame or the end of TCP") + codes + reason + end
        case .nothing: return "nothing"
        case .handshake(let pattern):
            if pattern.noAnswer { return "no answer" }
            let statuses = pattern.statuses?.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound / 100)xx" }
            let status = statuses.map { "status " + $0.joined(separator: " or ") } ?? "an answer"
            let subprotocol = pattern.subprotocol.map { ", subprotocol \($0)" } ?? ""
            let headers =
                pattern.headers.members?.isEmpty ?? true ? "" : ", headers \(PatternMatcher.brief(pattern.headers))"
            let body = (pattern.body ?? pattern.bodyText).map { ", the body \(PatternMatcher.brief($0))" } ?? ""
            return status + subprotocol + headers + body
        case .value(let comparison):
            let since = comparison.base.map { " since \(PatternMatcher.brief($0))" } ?? ""
            return "\(comparison.kind.rawValue) \(PatternMatcher.brief(comparison.operand))\(since)"
        case .delivered: return "every event, as emitted"
        case .anything: return "anything else"
        }
    }

    static func subject(_ subject: Expectation.Subject) -> String {
        switch subject {
        case .messages(let connection, let lane, _):
            switch lane {
            case .all: "the messages of \(connection)"
            case .operation(let id): "the messages of operation `\(id.prefix(60))` of \(connection)"
            case .connection: "the messages of \(connection) without an id"
            case .operations: "the messages of \(connection) with an id"
            case .control: "the control frames of \(connection)"
            }
        case .handshake(let connection): "the answer to the request of \(connection)"
        case .events(let events):
            "the events \(events.emissions.joined(separator: ", ")) on \(events.connection)/\(events.id)"
        case .value(let source): source
        }
    }
}
