import Foundation
import Testing

@testable import ConformanceKit

/// Every example of the manual that is a whole scenario is played.
@Suite struct ExampleTests {
    static let examples: [String] = {
        let text = (try? String(contentsOfFile: Repository.path("conformance/README.md"), encoding: .utf8)) ?? ""
        return text.components(separatedBy: "```").filter { $0.hasPrefix("yaml\nid: example/") }.map {
            String($0.dropFirst("yaml\n".count))
        }
    }()

    @Test func thereAreExamples() {
        #expect(Self.examples.count >= 4)
    }

    @Test(.timeLimit(.minutes(1)), arguments: examples)
    func passes(example: String) async throws {
        for result in try await Play.againstFake(example) {
            #expect(result.verdict == .pass, "\(result.caseName): \(result.reasons)")
        }
    }
}
