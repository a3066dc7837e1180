import Foundation
import TestSupport
import Testing

/// `gqlconform lab` as a user runs it.
@Suite struct LabTests {
    private static let stream = """

        stream:
          document: "subscription ($topic: String!) { topic(name: $topic) }"
          variables: {topic: "{{topic}}"}
          nonce_at: data.topic
        emit:
          redis: {channel: "public:topic:{{topic}}", message: "{{nonce}}"}
        """

    private func withTool(_ body: (Tool) async throws -> Void) async throws {
        let tool = try Tool()
        defer { tool.remove() }
        try tool.write("lab.yaml", Tool.referenceProfile + Self.stream)
        try await body(tool)
    }

    private static let load = [
        "lab", "load", "--profile", "lab.yaml", "--subscriptions", "60", "--topics", "3", "--events", "50",
        "--burst", "10",
    ]

    /// What a line of figures says.
    private func figure(_ name: String, _ result: Tool.Result) -> String? {
        result.output.split(separator: "\n").map { $0.split(separator: "\t") }.first { $0.first == name[...] }?
            .last.map(String.init)
    }

    @Test func everyDeliveryOfALoadIsChecked() async throws {
        try await self.withTool { tool in
            let result = try await tool.run(Self.load)
            #expect(result.status == 0, "\(result.output)\(result.errors)")
            #expect(self.figure("subscriptions", result) == "60")
            #expect(self.figure("deliveries", result) == "3000")
            for wrong in ["missing", "duplicates", "reordered", "foreign"] {
                #expect(self.figure(wrong, result) == "0", "\(result.output)")
            }
        }
    }

    @Test(arguments: [("events-twice", "duplicates"), ("events-reordered", "reordered")])
    func aFaultUnderLoadIsSeen(mutant: String, figure: String) async throws {
        try await self.withTool { tool in
            let result = try await tool.run(Self.load + ["--mutant", mutant])
            #expect(result.status == 1, "\(result.output)\(result.errors)")
            let count = Int(self.figure(figure, result) ?? "")
            #expect((count ?? 0) > 0, "\(result.output)\(result.errors)")
        }
    }

    @Test func aLoadThatIsTooLargeIsRefusedInASentence() async throws {
        try await self.withTool { tool in
            let refused = try await tool.run(Self.load + ["--subscriptions", "60001"])
            #expect(refused.status == 64 && refused.errors.contains("--subscriptions takes 1 to 60000"))
        }
    }

    @Test func aSubscriptionInAHundredThatStaysIsFound() async throws {
        try await self.withTool { tool in
            let leak = ["lab", "leak", "--profile", "lab.yaml", "--cycles", "1500", "--drop", "close"]
            let found = try await tool.run(leak + ["--mutant", "one-in-a-hundred-leaks", "--out", "lab"])
            #expect(found.status == 1, "\(found.output)\(found.errors)")
            #expect(found.lastLine.hasPrefix("leak; lab/lab.html"), "\(found.output)")
            #expect(try tool.read("lab/lab.html").contains("<svg"))
        }
    }
}
