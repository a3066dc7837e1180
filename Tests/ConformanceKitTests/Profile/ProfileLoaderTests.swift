import Testing

@testable import ConformanceKit

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

    private static let files: @Sendable (String) -> String? = { path in
        [
            "d/base.yaml": """
            server: {name: acme, version: 1.2.3}
            start: {command: [./acme, --port, "{{port}}"], env: {REDIS: "{{redis.url}}", LANG: C}}
            endpoints: {transport-ws: {url: "ws://127.0.0.1:{{port}}/graphql"}}
            redis: {uses: pubsub}
            limits: {query_depth: 5, message_bytes: {value: 100, on_exceed: close}}
            variants: [small.yaml]
            """,
            "d/small.yaml": """
            extends: base.yaml
            start: {arguments: [--small], env: {REDIS: null}}
            redis: null
            limits: {message_bytes: {value: 10}, connections: 3}
            """,
            "d/circle.yaml": "extends: circle.yaml",
            "d/nothing.yaml": "extends: absent.yaml",
            "d/wrong.yaml": "extends: base.yaml\nlimits: {message_bytes: {value: none}}",
            "d/deep.yaml": "extends: base.yaml\nvariants: [deeper.yaml]",
            "d/deeper.yaml": "extends: base.yaml\nvariants: [small.yaml]",
        ][path]
    }

    private func named(_ name: String) throws -> Profile {
        try ProfileLoader.read(try #require(Self.files("d/\(name)")), file: "d/\(name)", opening: Self.files)
    }

    @Test func aProfileSaysWhatItChangesInAnother() throws {
        let base = try self.named("base.yaml")
        let small = try self.named("small.yaml")
        guard case .command(let before) = base.start, case .command(let after) = small.start else {
            Issue.record("no command")
            return
        }
        #expect(before.arguments == ["./acme", "--port", "{{port}}"])
        #expect(after.arguments == before.arguments + ["--small"])
        #expect(after.environment == ["LANG": "C"])
        #expect(base.needsOwnRedis && !small.needsOwnRedis)
        #expect(small.name == "acme")
        #expect(small.value.at("limits.query_depth") == .number("5"))
        #expect(small.declared.limits["message_bytes"] == .init(value: 10, onExceed: .close))
        #expect(small.value.at("redis") == nil)
        #expect(small.variants.isEmpty)
        #expect(base.variants.map(\.file) == ["d/small.yaml"])
        #expect(base.variants[0].digest == small.digest)
        #expect(base.digest != small.digest)
        #expect(small.offers("profile.limits.connections") && !base.offers("profile.limits.connections"))
    }

    @Test(arguments: [
        ("circle.yaml", "d/circle.yaml:1", "circle.yaml leads back to itself"),
        ("nothing.yaml", "d/nothing.yaml:1", "there is no profile at d/absent.yaml"),
        ("wrong.yaml", "d/wrong.yaml:2", "limits.message_bytes.value has to be an integer"),
        ("deep.yaml", "d/deep.yaml:2", "has no variants itself"),
    ])
    func aMistakeInWhatIsExtendedHasItsPlace(name: String, place: String, problem: String) throws {
        let error = try #require(throws: ScenarioErrors.self) { try self.named(name) }
        let first = try #require(error.errors.first)
        #expect("\(first.file):\(first.line)" == place)
        #expect(first.problem.contains(problem))
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
        #expect(profile.notices.isEmpty)
        #expect(profile.declared.auth?.carry["transport-ws"] == .initPayload("Authorization"))
        #expect(profile.declared.emit?.subject == "publisher")
        #expect(profile.declared.limits["message_bytes"] == .init(value: 65536, onExceed: .close, closeCode: 1009))
        #expect(profile.declared.limits["subscriptions_per_connection"]?.code == "TOO_MANY_SUBSCRIPTIONS")
        #expect(profile.declared.tenancy == .init(source: .claim("tenant"), tenants: ["acme", "globex"]))
        #expect(profile.declared.degrade?.existingStreams == .keep)
        #expect(profile.declared.degrade?.newSubscriptions == nil)
        #expect(profile.declared.degrade?.ready == "/ready")
        #expect(profile.declared.degrade?.live == "/live")
        #expect(profile.declared.redisLayout == .perTopic)
        #expect(profile.declared.probes.metrics == "/metrics")
        #expect(profile.timing.recovery == 10_000_000_000)
        #expect(profile.timing.deadPeer == 30_000_000_000)
        #expect(profile.expectations == "./expectations.yaml")
    }

    @Test func filesBesideTheProfileAreFound() throws {
        let text = """
            server: {name: a, version: 1}
            endpoints: {http: {url: "http://127.0.0.1:{{port}}/"}}
            start: {command: [./server, "{{port}}", "{{folder}}/keys/public.pem"], env: {HOME: "{{folder}}"}}
            auth:
              carry: {http: header.Authorization}
              mint: {jwt: {alg: ES256, private_key: "{{folder}}/keys/private.pem"}}
              default: none
              revocation: {command: ["{{folder}}/revoke", "{{token_id}}"], close_code: 4403, within: 2s}
            """
        let profile = try ProfileLoader.read(text, file: "profiles/mine/p.yaml")
        guard case .command(let command) = profile.start, case .jwt(let jwt) = profile.declared.auth?.mint else {
            Issue.record("no command, or no recipe")
            return
        }
        #expect(command.arguments == ["./server", "{{port}}", "profiles/mine/keys/public.pem"])
        #expect(command.environment == ["HOME": "profiles/mine"])
        #expect(jwt.privateKey == "profiles/mine/keys/private.pem")
        #expect(profile.declared.auth?.revoke == ["profiles/mine/revoke", "{{token_id}}"])
        #expect(profile.declared.auth?.defaultSubject == "none")
        guard case .command(let here) = try ProfileLoader.read(text, file: "p.yaml").start else {
            Issue.record("no command")
            return
        }
        #expect(here.arguments.last == "./keys/public.pem")
    }

    @Test(arguments: [
        ("default: bob", "auth.default is bob, which auth.subjects does not name"),
        ("revocation: {close_code: 4403}", "the key auth.revocation.command is missing"),
        ("restricted: {variables: {}, claims: {}}", "the key auth.restricted.document is missing"),
        ("origins: {allowed: a}", "the key auth.origins.refused is missing"),
    ])
    func mistakesInWhatAuthPromisesAreFound(line: String, problem: String) throws {
        let text =
            "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nauth:\n"
            + "  carry: {http: header.A}\n  subjects: {alice: {token: t}}\n  \(line)\n"
        let errors = #expect(throws: ScenarioErrors.self) { try ProfileLoader.read(text, file: "p.yaml") }
        #expect(errors?.errors.map(\.problem) == [problem])
    }

    @Test func everyWayToMintATokenIsRead() throws {
        let head =
            "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nauth:\n  carry: {http: header.Authorization}\n"
        func mint(_ text: String) throws -> Profile.Mint? {
            try ProfileLoader.read(head + "  mint: " + text, file: "p.yaml").declared.auth?.mint
        }
        guard
            case .jwt(let jwt) = try mint(
                "{jwt: {alg: HS256, secret: s, lifetime: 5m, claims: {sub: \"{{subject}}\"}}}")
        else {
            Issue.record("no jwt")
            return
        }
        #expect(jwt.lifetime == 300_000_000_000)
        #expect(jwt.claims["sub"] == .string("{{subject}}"))
        #expect(try mint("{table: {alice: t1}}") == .table(["alice": "t1"]))
        #expect(try mint("{command: [./mint, \"{{subject}}\"]}") == .command(["./mint", "{{subject}}"]))
        #expect(
            try mint("{http: {url: /login, json: {user: \"{{subject}}\"}, token_at: token}}")
                == .http(
                    .init(
                        method: "POST", url: "/login", headers: [],
                        json: .object([.init("user", .string("{{subject}}"))]), tokenAt: "token")))
    }

    @Test func tlsEndpointsAndReplicasAreRead() throws {
        let profile = try ProfileLoader.read(
            """
            server: {name: a, version: 1}
            start: {command: [./a, "{{port}}"], replicas: 3}
            endpoints: {transport-ws: {url: "wss://h/graphql"}, sse: {url: "https://h/s", mode: both}}
            tls: {ca: ca.pem, server_name: example.org}
            """, file: "p.yaml")
        guard case .command(let command) = profile.start else {
            Issue.record("no command")
            return
        }
        #expect(command.replicas == 3)
        #expect(profile.endpoints.map(\.mode) == [.distinct, .both])
        #expect(profile.declared.tls == .init(authorities: "ca.pem", isVerified: true, serverName: "example.org"))
        let endpoint = try #require(Target.Endpoint(url: profile.endpoints[0].url))
        #expect(endpoint == .init(host: "h", port: 443, path: "/graphql", isSecure: true))
        #expect(endpoint.httpURL == "https://h:443/graphql")
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
                "server: {name: a, version: 1}\nendpoints:\n  transport-ws: {url: \"http://h/\"}",
                ["p.yaml:3:23: the URL of transport-ws has to begin with ws:// or wss://"]
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
                [
                    "p.yaml:3:18: start.compose has to be a mapping",
                    "p.yaml:3:18: the key start.compose.file is missing", "p.yaml:3:18: the key start.compose.service",
                    "p.yaml:3:18: the key start.compose.port",
                ]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nstart: {command: [a], external: true}",
                [
                    "p.yaml:3:8: start has to name one of external, command, compose, containers, not external and command"
                ]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nstart: {command: [a], replicas: 2}",
                ["p.yaml:3:33: replicas need {{port}}"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nauth: {carry: {http: cookie}, mint: {table: {a: b}}}",
                ["p.yaml:3:22: cookie is no place for a token (one of connection_init.payload.NAME"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nauth: {carry: {sse: connection_init.payload.token}, mint: {table: {a: b}}}",
                ["p.yaml:3:21: sse has no connection_init.payload"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nauth: {carry: {http: header.A}, mint: {jwt: {alg: HS257, secret: s}}}",
                ["p.yaml:3:51: unknown algorithm HS257 (did you mean `HS256`?)"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nauth: {carry: {http: header.A}, mint: {jwt: {alg: HS256}}}",
                ["p.yaml:3:45: HS256 needs auth.mint.jwt.secret"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nauth: {carry: {http: header.A}}",
                ["p.yaml:3:7: auth says how no token comes about"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nauth: {carry: {http: header.A}, format: Bearer, subjects: {a: {token: t}}}",
                ["p.yaml:3:41: auth.format has to hold {{token}}"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nauth: {carry: {http: header.A}, subjects: {a: {token: t}}, expiry: {action: shut}}",
                ["p.yaml:3:77: unknown auth.expiry.action shut (one of close, end-operation, silence, none)"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nauth: {carry: {http: header.A}, subjects: {a: {token: t}}, reject: {http: {close: 1006}}}",
                ["p.yaml:3:83: 1006 is a close code that nobody sends"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\ntenancy: {from: header.X-Tenant, tenants: [acme]}",
                ["p.yaml:3:43: tenancy.tenants has to name two different tenants"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\ntenancy: {from: claim.t, tenants: [a, b]}",
                ["p.yaml:3:10: tenancy comes from a claim, but the profile has no auth"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nlimits: {message_bites: 1}",
                ["p.yaml:3:10: unknown key limits.message_bites (did you mean `message_bytes`?)"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nlimits: {message_bytes: {on_exceed: close}}",
                ["p.yaml:3:25: the key limits.message_bytes.value is missing"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nlimits: {connections: {value: 0}}",
                ["p.yaml:3:31: limits.connections.value has to be an integer from 1"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nlimits: {connections: {value: 5, on_exceed: error, close_code: 4429}}",
                ["p.yaml:3:64: limits.connections.close_code says nothing with on_exceed: error"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\ndegrade: {existing_streams: hold}",
                ["p.yaml:3:29: unknown degrade.existing_streams hold (one of keep, close)"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\ndegrade: {ready: ready}",
                ["p.yaml:3:18: degrade.ready has to be a path"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nredis: {layout: per_topic}",
                ["p.yaml:3:17: unknown redis.layout per_topic (one of per-subscription"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nemit: {redis: {channel: a, message: hello}}",
                ["p.yaml:3:15: the event carries no {{nonce}}"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nemit: {mutation: {document: m, variables: {a: \"{{nonce}}\"}, token: bob}}",
                ["p.yaml:3:7: emit uses the token of bob, which auth.subjects does not name"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nstream: {document: subscription, nonce_at: topic}",
                ["p.yaml:3:44: stream.nonce_at has to begin with data. (the path inside the result: data.topic)"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nstream: {document: subscription, nonce_at: data.a, tenant_variable: t}",
                ["p.yaml:3:69: stream.variables has no t"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\nprobes: {gauges: {subscriptions: s}}",
                ["p.yaml:3:18: the key probes.gauges.http is missing"]
            ),
            (
                "server: {name: a, version: 1}\nendpoints: {http: {url: \"http://h/\"}}\ntls: {verify: sometimes}",
                ["p.yaml:3:15: tls.verify has to be true or false"]
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
        auth: {carry: {gtws: connection_init.payload.Authorization}, subjects: {publisher: {token: abc}}}
        tenancy: {from: claim.tenant, tenants: [acme, globex]}
        timing: {delivery: 2s, cleanup: 5s, recovery: 10s, keepalive: 15s, dead_peer: 30s}


        degrade: {existing_streams: keep, ready: /ready, live: /live}
        features:
          op.query_over_ws: true
          ping.server: false

        probes: {gauges: {http: /metrics}}
        expectations: ./expectations.yaml
        """
}
