import ConformanceKit
import Foundation

/// A place at which a case waits for the user: `ID:STEP`, where the step is its number, from 1.
struct Breakpoint: Sendable {
    private let pattern: CasePattern
    private let step: Int

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let step = Int(text[text.index(after: colon)...]), step >= 1 else {
            return nil
        }
        self.pattern = CasePattern(String(text[..<colon]))
        self.step = step
    }

    /// The cases that are played: only those that wait.
    func cases(among cases: [ExpandedCase]) throws -> [ExpandedCase] {
        try CasePattern.select(cases, [self.pattern.text])
    }

    /// Waits for a line on standard input before the step.
    var hook: @Sendable (ExpandedCase, Int, String) async -> Void {
        { expanded, number, place in
            guard number == self.step, self.pattern.matches(expanded) else { return }
            Console.print("\(expanded.name) waits before step \(number), \(place). Enter goes on.")
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    _ = readLine()
                    continuation.resume()
                }
            }
        }
    }
}
