import NIOHTTP1
import Testing

@testable import SubscriptionServer

@Suite("Where pages may come from")
struct OriginPolicyTests {
    @Test(
        "By default from the server itself",
        arguments: [
            ([], "a.example", .absent),
            (["http://a.example"], "a.example", .allowed(origin: "http://a.example", isListed: true)),
            (["https://a.example"], "a.example", .allowed(origin: "https://a.example", isListed: true)),
            (["https://A.example"], "a.EXAMPLE", .allowed(origin: "https://A.example", isListed: true)),
            (["https://a.example"], "a.example:443", .allowed(origin: "https://a.example", isListed: true)),
            (["http://a.example:80"], "a.example", .allowed(origin: "http://a.example:80", isListed: true)),
            (["http://127.0.0.1:4000"], "127.0.0.1:4000", .allowed(origin: "http://127.0.0.1:4000", isListed: true)),
            (["http://[::1]:4000"], "[::1]:4000", .allowed(origin: "http://[::1]:4000", isListed: true)),
            (["http://127.0.0.1:4001"], "127.0.0.1:4000", .refused), (["http://b.example"], "a.example", .refused),
            (["http://a.example.b"], "a.example", .refused), (["http://b.a.example"], "a.example", .refused),
            (["http://a.example@b"], "b", .refused), (["http://a.example/"], "a.example/", .refused),
            (["null"], "a.example", .refused), ([""], "", .refused), (["a.example"], "a.example", .refused),
            (["http://a.example", "http://a.example"], "a.example", .refused),
            (["http://a.example, http://b.example"], "a.example", .refused),
            (["ftp://a.example"], "a.example", .refused), (["http://a.example"], nil, .refused),
        ] as [([String], String?, OriginPolicy.Verdict)])
    func sameOrigin(origins: [String], host: String?, verdict: OriginPolicy.Verdict) {
        #expect(OriginPolicy().judge(origins: origins, host: host) == verdict)
    }

    @Test("From those that are listed, and no others")
    func listed() throws {
        let policy = try OriginPolicy(allowing: ["https://App.example", "http://localhost:8080", "http://b.example:80"])
        for origin in ["https://app.example", "https://app.example:443", "http://localhost:8080", "http://b.example"] {
            #expect(policy.judge(origins: [origin], host: "h") == .allowed(origin: origin, isListed: true))
        }
        for origin in ["http://app.example", "https://app.example:8443", "http://localhost", "https://x.app.example"] {
            #expect(policy.judge(origins: [origin], host: "h") == .refused)
        }
        #expect(policy.judge(origins: ["https://h"], host: "h") == .allowed(origin: "https://h", isListed: true))
        #expect(try OriginPolicy(allowing: ["null"]).judge(origins: ["null"], host: "h") != .refused)
    }

    @Test("From anywhere, without the user's cookies")
    func any() throws {
        let policy = try OriginPolicy(allowing: ["*", "https://app.example"])
        let verdict = policy.judge(origins: ["https://evil.example"], host: "h")
        #expect(verdict == .allowed(origin: "https://evil.example", isListed: false))
        let fields = policy.fields(for: verdict)
        #expect(fields.contains { $0 == ("Access-Control-Allow-Origin", "*") })
        #expect(!fields.contains { $0.name == "Access-Control-Allow-Credentials" })
        let known = policy.fields(for: policy.judge(origins: ["https://app.example"], host: "h"))
        #expect(known.contains { $0 == ("Access-Control-Allow-Origin", "https://app.example") })
        #expect(known.contains { $0 == ("Access-Control-Allow-Credentials", "true") })
        #expect(known.contains { $0 == ("Vary", "Origin") })
    }

    @Test(
        "What is no origin",
        arguments: ["app.example", "https://app.example/", "https://", "", "https://a b", "//a", "https://*.a/x"])
    func unusable(origin: String) {
        #expect(throws: OriginPolicy.Unusable(origin: origin)) { try OriginPolicy(allowing: [origin]) }
    }

    @Test("A socket, a request and a preflight")
    func served() async throws {
        let policy = try OriginPolicy(allowing: ["https://app.example"])
        try await TestServer.run(configure: { $0.access.origins = policy }) { server in
            let good = try await server.post(#"{"query":"{ hello }"}"#, ["Origin: https://app.example"])
            #expect(good.head.hasPrefix("HTTP/1.1 200 "))
            #expect(good.head.contains("Access-Control-Allow-Origin: https://app.example\r\n"))
            let none = try await server.post(#"{"query":"{ hello }"}"#)
            #expect(none.head.hasPrefix("HTTP/1.1 200 "))
            #expect(!none.head.contains("Access-Control"))
            #expect(none.head.contains("Vary: Accept, Origin\r\n"))
            let bad = try await server.post(#"{"query":"mutation { increment }"}"#, ["Origin: https://evil.example"])
            #expect(bad.head.hasPrefix("HTTP/1.1 403 "))
            #expect(!bad.head.contains("Access-Control"))
            #expect(server.stage.counts.counter == 0)
            let status = try await server.connect { wire in
                try await wire.write(Wire.head(Wire.request.dropLast() + ["Origin: https://evil.example"]))
                return try await wire.head()
            }
            #expect(status.hasPrefix("HTTP/1.1 403 "))
            let preflight = try await server.connect { wire in
                try await wire.write(
                    Wire.head([
                        "OPTIONS /graphql HTTP/1.1", "Host: test", "Origin: https://app.example",
                        "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization",
                    ]))
                return try await wire.head()
            }
            #expect(preflight.hasPrefix("HTTP/1.1 204 "))
            #expect(preflight.contains("Access-Control-Allow-Headers: Accept, Authorization,"))
        }
    }
}

@Suite("Targets in the log")
struct RedactedTargetTests {
    @Test(
        "Tokens are left out",
        arguments: [
            ("/graphql", "/graphql"), ("/graphql?a=b", "/graphql?a=b"), ("/graphql?token=x.y.z", "/graphql?token=***"),
            ("/g?a=1&access_token=x&b=2", "/g?a=1&access_token=***&b=2"), ("/g?TOKEN=x", "/g?TOKEN=***"),
            ("/g?%74oken=x", "/g?%74oken=***"), ("/g?token=a=b", "/g?token=***"), ("/g?token", "/g?token"),
            ("/g?", "/g?"), ("/g?token=x?token=y", "/g?token=***"),
        ])
    func redacted(target: String, text: String) {
        #expect(RedactedTarget.text(target) == text)
    }
}
