import Foundation
import TestSupport
import Testing

@testable import ConformanceKit

/// Every example of the manual that is a whole scenario is played.
@Suite struct ExampleTests {
    static let blocks: [String] = {
        let text = (try? String(contentsOfFile: Repository.path("conformance/README.md"), encoding: .utf8)) ?? ""
        return text.components(separatedBy: "```").filter { $0.hasPrefix("yaml\n") }.map {
            String($0.dropFirst("yaml\n".count))
        }
    }()

    static let examples = blocks.filter { $0.hasPrefix("id: example/") }
    static let fragments = blocks.filter { $0.hasPrefix("fragment: ") }

    @Test func thereAreExamples() {
        #expect(Self.examples.count >= 8)
        #expect(!Self.fragments.isEmpty)
    }

    @Test func everyVerbHasAnExampleThatIsPlayed() {
        let text = (Self.examples + Self.fragments).joined(separator: "\n")
        let missing = StepDecoder.verbs.keys.filter { verb in
            // A step begins behind a dash, or behind a bracket or a comma in flow style.
            !["- ", "[", ", ", "{"].contains { text.contains($0 + verb + ": {") }
                && !text.contains("- " + verb + ":\n")
        }
        #expect(missing.sorted() == [])
    }

    @Test(.timeLimit(.minutes(1)), arguments: examples)
    func passes(example: String) async throws {
        let redis = example.contains("\nrequires: [redis]") ? try await RedisServer.start() : nil
        let address = redis.map { Target.RedisAddress(host: "127.0.0.1", port: $0.port) }
        for result in try await Play.againstFake(example, fragments: Self.fragments, redis: address) {
            #expect(result.verdict == .pass, "\(result.caseName): \(result.reasons)")
        }
        redis?.kill()
    }
}
