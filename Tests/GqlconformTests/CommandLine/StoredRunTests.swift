import ConformanceKit
import Foundation
import Testing

/// What can be done with the folders that runs leave.
@Suite struct StoredRunTests {
    private func withTool(_ body: (Tool) async throws -> Void) async throws {
        let tool = try Tool()
        defer { tool.remove() }
        try await body(tool)
    }

    private static let suite = ["--suite", "suite"]
    private static let run = ["run", "--suite", "suite", "--profile", "reference.yaml", "--seed", "5"]

    @Test func aStoredRunIsJudgedAgainWithoutAServer() async throws {
        try await self.withTool { tool in
            let first = try await tool.run(Self.run + ["--mutant", "second-init-ignored", "--out", "out"])
            #expect(first.status == 1, "\(first.output)\(first.errors)")
            let again = try await tool.run(["recheck", "out", "--out", "again"] + Self.suite)
            #expect(again.status == 0, "\(again.output)\(again.errors)")
            #expect(again.lastLine == "2 passed, 1 failed, 0 skipped")
            let difference = try await tool.run(["diff", "out", "again"])
            #expect(difference.status == 0, "\(difference.output)")
            #expect(difference.lastLine.hasSuffix("3 the same"))
            #expect(try tool.read("again/report.html").contains("transport-ws/double-init"))
            // Only what failed is played again, on a server without the fault.
            let rerun = try await tool.run(Self.run + ["--rerun-failed", "out/report.json", "--out", "rerun"])
            #expect(rerun.lastLine == "1 passed, 0 failed, 2 skipped", "\(rerun.output)\(rerun.errors)")
        }
    }

    @Test func mergedShardsEqualTheWhole() async throws {
        try await self.withTool { tool in
            for part in 1...3 {
                let result = try await tool.run(Self.run + ["--shard", "\(part)/3", "--out", "s\(part)"])
                #expect(result.status == 0, "\(result.output)\(result.errors)")
                #expect(result.lastLine == "1 passed, 0 failed, 2 skipped")
            }
            let merged = try await tool.run(["merge", "s1", "s2", "s3", "--out", "merged"] + Self.suite)
            #expect(merged.status == 0, "\(merged.output)\(merged.errors)")
            #expect(merged.lastLine == "3 passed, 0 failed, 0 skipped")
            let again = try await tool.run(["recheck", "merged"] + Self.suite)
            #expect(again.lastLine == "3 passed, 0 failed, 0 skipped", "\(again.output)\(again.errors)")
        }
    }

    @Test func knownFailuresExcuseAndStaleOnesFail() async throws {
        try await self.withTool { tool in
            let mutant = ["--mutant", "second-init-ignored"]
            _ = try await tool.run(Self.run + mutant + ["--out", "out"])
            let written = try await tool.run(["expect", "out", "--issue", "https://example.org/1"])
            #expect(written.status == 0, "\(written.errors)")
            try tool.write("known.yaml", written.output)
            let excused = try await tool.run(Self.run + mutant + ["--expect", "known.yaml", "--out", "excused"])
            #expect(excused.status == 0, "\(excused.output)\(excused.errors)")
            #expect(excused.lastLine == "2 passed, 0 failed, 1 skipped")
            let stale = try await tool.run(Self.run + ["--expect", "known.yaml", "--out", "stale"])
            #expect(stale.status == 1)
            #expect(stale.output.contains("is stale: transport-ws/double-init is pass now"))
        }
    }

    @Test func aWrongProfileIsSeenBeforeTheServerIsBlamed() async throws {
        try await self.withTool { tool in
            let good = try await tool.run(["doctor", "--profile", "reference.yaml"])
            #expect(good.status == 0, "\(good.output)\(good.errors)")
            try tool.write(
                "wrong.yaml", Tool.referenceProfile.replacing("{{port}}/graphql", with: "{{port}}/nowhere"))
            let wrong = try await tool.run(["doctor", "--profile", "wrong.yaml"])
            #expect(wrong.status == 3)
            #expect(wrong.output.contains("nothing is served at this path (404)"), "\(wrong.output)")
            #expect(wrong.output.contains("look at the path of endpoints.transport-ws.url"))
        }
    }

    private static let guarded = """
        server: {name: reference-server, version: 0.1.0}
        start:
          command: ["{{bin}}/reference-server", --port, "{{port}}", --bus, memory, --jwt-secret-file, secret, --test-mode]
          ready: {http: /health/ready, within: 20s}
        endpoints:
          transport-ws: {url: "ws://127.0.0.1:{{port}}/graphql"}
        stream:
          document: "subscription ($topic: String!) { topic(name: $topic) }"
          variables: {topic: "{{topic}}"}
          nonce_at: data.topic
        auth:
          carry: {transport-ws: connection_init.payload.Authorization}
          format: "Bearer {{token}}"
          mint: {jwt: {alg: HS256, secret: SECRET, claims: {sub: "{{subject}}", tenant_id: public, exp: "{{expires}}"}}}
          subjects: {alice: {}}

        """

    @Test func theDoctorPresentsARightTokenAndABrokenOne() async throws {
        try await self.withTool { tool in
            let secret = "0123456789abcdef0123456789abcdef"
            try tool.write("secret", secret)
            try tool.write("guarded.yaml", Self.guarded.replacing("SECRET", with: secret))
            let good = try await tool.run(["doctor", "--profile", "guarded.yaml"])
            #expect(good.status == 0, "\(good.output)\(good.errors)")
            #expect(good.output.contains("token accepted  ok: a connection with the token of alice is accepted"))
            #expect(good.output.contains("token refused   ok: a connection with a broken token (tampered) is refused"))
            try tool.write("guarded.yaml", Self.guarded.replacing("SECRET", with: "another secret of 32 bytes or so"))
            let wrong = try await tool.run(["doctor", "--profile", "guarded.yaml"])
            #expect(wrong.status == 3 && wrong.output.contains("token accepted  FAILED"), "\(wrong.output)")
            // A server that asks for no token accepts the broken one too.
            let open = Self.guarded.replacing("--jwt-secret-file, secret, ", with: "").replacing("SECRET", with: secret)
            try tool.write("guarded.yaml", open)
            let careless = try await tool.run(["doctor", "--profile", "guarded.yaml"])
            #expect(careless.status == 3, "\(careless.output)\(careless.errors)")
            #expect(careless.output.contains("a connection with a broken token (tampered) was accepted"))
        }
    }

    /// What a profile says of a feature, and what becomes of a case that needs it. The server has `hello`, no `nothing`, and
    /// event streams.
    static let claims: [(String, String, String)] = [
        ("features: {fixture.hello: false}", "fixture.hello", "misdeclared"),
        ("features: {fixture.nothing: true}", "fixture.nothing", "misdeclared"),
        ("features: {fixture.nothing: false}", "fixture.nothing", "unsupported"),
        ("", "fixture.nothing", "unsupported"), ("", "fixture.hello", "pass"),
        ("features: {transport.legacy-ws: false}", "transport.legacy-ws", "misdeclared"),
        ("", "transport.legacy-ws", "unsupported"),
        ("  sse: {url: \"http://127.0.0.1:{{port}}/nowhere\"}", "transport.sse", "misdeclared"),
        ("  sse: {url: \"http://127.0.0.1:{{port}}/graphql/stream\"}", "transport.sse", "pass"),
        ("  http: {url: \"http://127.0.0.1:{{port}}/metrics\"}", "transport.http", "misdeclared"),
    ]

    @Test(arguments: Self.claims)
    func aClaimIsTestedInBothDirections(claim: String, feature: String, verdict: String) async throws {
        try await self.withTool { tool in
            try tool.write(
                "suite/transport-ws/ack.yaml",
                Tool.ack.replacing("matrix: {turn: [first, second]}", with: "requires: [\(feature)]"))
            try tool.write("reference.yaml", Tool.referenceProfile + "\n" + claim + "\n")
            let run = try await tool.run(Self.run + ["transport-ws/ack", "--out", "out"])
            let counted = ["pass": "1 passed, 0 failed", "misdeclared": "0 passed, 1 failed"][verdict]
            #expect(run.lastLine.hasPrefix(counted ?? "0 passed, 0 failed"), "\(run.output)\(run.errors)")
            let report = try tool.read("out/report.json")
            #expect(report.contains("\"verdict\" : \"\(verdict)\""), "\(run.output)")
        }
    }

    @Test func schemasArePrinted() async throws {
        try await self.withTool { tool in
            for kind in ["scenario", "profile", "report"] {
                let result = try await tool.run(["schema", kind])
                #expect(result.status == 0 && result.output.contains("json-schema.org"))
            }
            let unknown = try await tool.run(["schema", "cake"])
            #expect(unknown.status == 64)
        }
    }
}
