/// Colours of a terminal, or none.
package struct TextStyle: Sendable {
    /// Whether escape sequences are written.
    package var colours: Bool

    /// A style.
    package init(colours: Bool) {
        self.colours = colours
    }

    func bold(_ text: String) -> String { self.wrapped(text, "1") }
    func dim(_ text: String) -> String { self.wrapped(text, "2") }
    func red(_ text: String) -> String { self.wrapped(text, "31") }
    func green(_ text: String) -> String { self.wrapped(text, "32") }
    func yellow(_ text: String) -> String { self.wrapped(text, "33") }

    /// The name of a verdict in its colour.
    func verdict(_ verdict: Verdict) -> String {
        switch verdict {
        case .pass, .info: self.green(verdict.rawValue)
        case .nonstrict, .unsupported, .notSelected, .inconclusive: self.yellow(verdict.rawValue)
        case .fail, .misdeclared, .error: self.red(verdict.rawValue)
        }
    }

    private func wrapped(_ text: String, _ code: String) -> String {
        self.colours ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
