import ConformanceKit
import Testing

@Suite struct ProfileLoaderTests {
    static let smallest = """
        server: {name: acme, version: 1.2.3}
        endpoints: {transport-ws: {url: "ws://127.0.0.1:4000/graphql"}}
        stream: {document: "subscription { a }", nonce_at: data.a}
        emit: {redis: {channel: "t:{{topic}}", message: "{{nonce}}"}}
        """

    @Test func theSmallestProfileIsEnough() throws {
        let profile = try ProfileLoader.read(Self.smallest, file: "p.yaml")
        #expect(profile.name == "acme")
        #expect(profile.version == "1.2.3")
        #expect(profile.start == .external)
        #expect(profile.endpoints.map(\.transport) == ["transport-ws"])
        #expect(profile.stream?.noncePath == "data.a")
        #expect(profile.emit == .redis(channel: "t:{{topic}}", message: "{{nonce}}"))
        #expect(profile.timing == Target.Timing())
        #expect(profile.value.at("timing.delivery") == .string("2000ms"))
        #expect(profile.notices.isEmpty)
        #expect(!profile.needsOwnRedis)
        #expect(profile.digest.count == 64)
    }

    @Test func theProfileOfAnotherServerIsUnderstood() throws {
        let profile = try ProfileLoader.read(Self.gateway, file: "p.yaml")
        guard case .command(let command) = profile.start else {
            Issue.record("no command")
            return
        }
        #expect(command.arguments == ["./acme", "serve"])
        #expect(command.environment["REDIS_URL"] == "{{redis.url}}")
        #expect(command.ready == .http("/healthz", status: 200))
        #expect(command.within == .seconds(30))
        #expect(profile.needsOwnRedis)
        #expect(profile.endpoints.map(\.transport) == ["transport-ws", "legacy-ws", "sse", "http"])
        #expect(profile.features == ["op.query_over_ws": true, "ping.server": false])
        #expect(profile.timing.cleanup == 5_000_000_000)
        #expect(profile.value.at("limits.message_bytes") == .number("65536"))
        #expect(profile.value.at("exceed.message_bytes.close_code") == .number("1009"))
        #expect(profile.value.at("limits.connection_init_timeout") == .string("3s"))
        guard case .mutation(let document, let variables) = profile.emit else {
            Issue.record("no mutation")
            return
        }
        #expect(document.contains("touchOrder"))
        #expect(variables["note"] == .string("{{nonce}}"))
        let keys = profile.notices.map { $0.problem.replacing("not supported yet: ", with: "") }
        #expect(
            Set(keys) == [
                "auth", "tenancy", "degrade", "probes", "expectations", "endpoints.legacy", "endpoints.sse",
                "emit.mutation.token",
            ])
        #expect(profile.notices.first { $0.problem.hasSuffix("emit.mutation.token") }?.line == 26)
    }

    @Test func theProfileOfTheReferenceServerIsValid() throws {
        let profile = try ProfileLoader.load(Repository.path("conformance/profiles/reference.yaml"))
        #expect(profile.notices.isEmpty)
        #expect(profile.needsOwnRedis)
        guard case .command(let command) = profile.start else {
            Issue.record("no command")
            return
        }
        #expect(command.mutantArguments == ["--mutant", "{{mutant}}"])
        #expect(profile.features["fixture.topic"] == true)
    }

    @Test(
        arguments: [
            (
                "sever: {name: a, version: 1}",
                [
                    "p.yaml:1:1: unknown key sever (did you mean `server`?)", "p.yaml:1:1: the key server is missing",
                    "p.yaml:1:1: the key endpoints is missing",
                ]
            ),
            (
                "server: {name: a}\nendpoints: {http: {url: \"http://h/\"}}",
                ["p.yaml:1:9: the key server.version is missing (the exact version, not a branch)"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints:\n  transport-ws: {url: \"wss://h/\"}",
                ["p.yaml:3:23: the URL of transport-ws has to begin with ws://"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h:{{prt}}/\"}}",
                ["p.yaml:2:25: unknown placeholder {{prt}} (did you mean `port`?)"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\ntiming: {delivery: 2}",
                ["p.yaml:3:20: timing.delivery has to be a duration with a unit (for example 500ms, 3s or 2m)"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nemit: {redis: {channel: a}, http: {}}",
                ["p.yaml:3:7: emit has to name exactly one of mutation, http, redis, command, ticker"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nstart: {compose: c.yaml}",
                ["p.yaml:3:18: not supported yet: start.compose"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nfeatures: {fixture.hello: 1}",
                ["p.yaml:3:27: features.fixture.hello has to be true or false"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nfeatures: {a: yes}",
                ["p.yaml:3:15: the bare word `yes` is a boolean"]
            ),
            ("server: {name: a", ["p.yaml:"]),
        ] as [(String, [String])])
    func aMistakeIsShownWithItsPlace(text: String, expected: [String]) throws {
        let errors = try #require(
            #expect(throws: ScenarioErrors.self) { try ProfileLoader.read(text, file: "p.yaml") })
        let shown = errors.errors.map(\.description)
        for start in expected {
            #expect(shown.contains { $0.hasPrefix(start) }, "\(start) is not in \(shown)")
        }
        #expect(errors.errors.count == expected.count, "\(shown)")
    }

    @Test func aMissingFileIsNamed() {
        let error = #expect(throws: ProfileUnreadable.self) { try ProfileLoader.load("/no/such/profile.yaml") }
        #expect(error?.description == "There is no profile at /no/such/profile.yaml.")
    }

    static let gateway = """
        profile: 1
        server:
          name: acme-gateway
          version: 4.2.1
          url: https://example.org/acme-gateway
        start:
          command: [./acme, serve]
          env: {PORT: "{{port}}", REDIS_URL: "{{redis.url}}", JWT_SECRET: "{{auth.secret}}"}
          ready: {http: /healthz, status: 200, within: 30s}
          replicas: 1

        endpoints:
          gtws:   {url: "ws://127.0.0.1:{{port}}/graphql"}
          legacy: {url: "ws://127.0.0.1:{{port}}/graphql"}
          sse:    {url: "http://127.0.0.1:{{port}}/graphql/stream", mode: distinct}
          http:   {url: "http://127.0.0.1:{{port}}/graphql"}
        stream:
          document: |
            subscription Rt($topic: String!) { orderUpdated(topic: $topic) { id note } }
          variables: {topic: "{{topic}}"}
          nonce_at: data.orderUpdated.note
          tenant_variable: null
        emit:
          mutation:
            document: "mutation Rt($topic: String!, $note: String!) { touchOrder(topic: $topic, note: $note) { id } }"
            token: publisher
            variables: {topic: "{{topic}}", note: "{{nonce}}"}

        limits:
          connection_init_timeout: 3s
          subscriptions_per_connection: {value: 20, on_exceed: error, code: TOO_MANY_SUBSCRIPTIONS}
          message_bytes: {value: 65536, on_exceed: close, close_code: 1009}

        redis: {uses: pubsub, pattern: "*", layout: per-topic}
        auth: {carry: {gtws: connection_init.payload.Authorization}}
        tenancy: {from: claim.tenant, tenants: [acme, globex]}
        timing: {delivery: 2s, cleanup: 5s, recovery: 10s, keepalive: 15s, dead_peer: 30s}


        degrade: {existing_streams: keep}
        features:
          op.query_over_ws: true
          ping.server: false

        probes: {gauges: {http: /metrics}}
        expectations: ./expectations.yaml
        """
}
