/// One of several equal parts of a suite, for machines that share a run.
package struct Shard: Sendable, Equatable, CustomStringConvertible {
    /// From 1.
    package let number: Int
    package let count: Int

    /// Reads `2/3`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let number = parts[0], let count = parts[1], (1...1000).contains(count),
            (1...count).contains(number)
        else { return nil }
        self.number = number
        self.count = count
    }

    package var description: String { "\(self.number)/\(self.count)" }

    /// The cases of this part: every case is in exactly one, and all cells of a long scenario are spread.
    package func part(of cases: [ExpandedCase]) -> [ExpandedCase] {
        cases.enumerated().filter { $0.offset % self.count == self.number - 1 }.map(\.element)
    }
}
