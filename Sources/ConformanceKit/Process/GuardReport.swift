/// What a guard tells the runner, one line each.
enum GuardReport: Equatable {
    /// The child runs under this process id.
    case started(Int32)
    /// The child could not be started, for this `errno`.
    case failed(Int32)
    /// The child returned this exit code.
    case exited(Int32)
    /// The child was ended by this signal.
    case signalled(Int32)

    /// `nil` if the line is none of a guard.
    init?(_ line: String) {
        let words = line.split(separator: " ")
        guard words.count == 2, let number = Int32(words[1]) else { return nil }
        switch words[0] {
        case "started": self = .started(number)
        case "failed": self = .failed(number)
        case "exited": self = .exited(number)
        case "signalled": self = .signalled(number)
        default: return nil
        }
    }

    /// The line, with its end.
    var line: String {
        switch self {
        case .started(let number): "started \(number)\n"
        case .failed(let number): "failed \(number)\n"
        case .exited(let number): "exited \(number)\n"
        case .signalled(let number): "signalled \(number)\n"
        }
    }
}
