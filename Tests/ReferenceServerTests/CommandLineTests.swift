import TestSupport
import Testing

@Suite("Command line of the reference server", .timeLimit(.minutes(2)))
struct CommandLineTests {
    static let options = [
        "host", "port", "bus", "redis-url", "channel-prefix", "channel-layout", "default-tenant", "init-timeout",
        "keepalive-interval", "handshake-timeout", "max-message-bytes", "shutdown-deadline", "log-format", "log-level",
        "bus-on-loss", "bus-on-away", "bus-longest-wait", "gap-notice", "redis-connect-timeout",
        "redis-command-timeout", "redis-ping-interval", "redis-longest-pause", "shared-limits",
        "shared-limits-on-away",
        "auth", "jwt-issuer", "jwt-audience", "jwt-leeway", "jwt-algorithms", "anonymous", "token-expiry",
        "allowed-origins", "max-connections",
        "max-connections-per-address", "max-connections-per-tenant", "max-connections-per-user",
        "max-operations-per-connection", "max-operations-per-user", "messages-per-second", "message-burst",
        "tenant-messages-per-second", "tenant-message-burst", "rate-limit-action", "retry-after", "max-query-depth",
        "max-query-cost", "overflow", "queued-events", "queued-bytes", "slow-consumer-deadline", "admin-port",
        "admin-token-file", "config",
    ]

    @Test("Help explains every option with its default")
    func help() throws {
        let (status, output, errors) = try ServerProcess.run(["--help"])
        #expect(status == 0)
        #expect(errors == "")
        let text = output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let options = " " + (text.split(separator: "USAGE: ", maxSplits: 1).last ?? "")
        for option in Self.options {
            let sections = options.split(
                separator: " --\(option) ", maxSplits: 1, omittingEmptySubsequences: false)
            try #require(sections.count == 2, "--\(option) is missing")
            // Up to the next option, which an explanation may name as well.
            let explanation = sections[1].prefix(500)
            #expect(explanation.contains("default: "), "--\(option) says no default")
        }
        for flag in [
            "--test-mode", "--mutant <name>", "--list-mutants", "--tls-certificate <file>", "--tls-key <file>",
            "--redis-ca <file>",
        ] { #expect(text.contains(" \(flag) ")) }
        #expect(text.contains("REFERENCE_SERVER_REDIS_URL"))
    }

    @Test(
        "Wrong usage ends with 64 and one sentence that says what and where",
        arguments: [
            (["--nope"], "Unknown option '--nope'"),
            (["extra"], "Unexpected argument 'extra'"),
            (["--port", "70000"], "'--port <0-65535>': expected a number from 0 to 65535"),
            (["--port", "-1"], "--port"),
            (["--port=8o"], "expected a number from 0 to 65535"),
            (["--init-timeout", "3"], "'--init-timeout <duration>': expected a duration from 1ms to 24h"),
            (["--init-timeout", "0s"], "expected a duration"),
            (["--keepalive-interval", "25h"], "expected a duration"),
            (["--shutdown-deadline", "1.5s"], "expected a duration"),
            (["--handshake-timeout", "s"], "expected a duration"),
            (["--max-message-bytes", "4MB"], "'--max-message-bytes <size>': expected a size from 1B to 1GiB"),
            (["--max-message-bytes", "0"], "expected a size"),
            (["--max-message-bytes", "2GiB"], "expected a size"),
            (["--max-message-bytes", "99999999999999999999"], "expected a size"),
            (["--bus", "nats"], "one of 'redis' and 'memory'"),
            (["--channel-layout", "x"], "one of 'tenant' and 'seed'"),
            (["--log-level", "loud"], "'--log-level <log-level>'"),
            (["--redis-url", "http://x"], "--redis-url: a Redis URL starts with redis://"),
            (["--redis-ca", "x"], "--redis-ca needs a --redis-url with TLS"),
            (["--default-tenant", "a:b"], "--default-tenant"),
            (["--channel-prefix", "a\nb"], "--channel-prefix"),
            (["--test-mode", "--mutant", "x"], "there is no such mutant"),
            (["--mutant", "complete-twice"], "--mutant needs --test-mode"),
            (["--host", ""], "host must not be empty"),
            (["--tls-key", "x"], "--tls-key needs --tls-certificate"),
            (["--tls-certificate", "x"], "--tls-certificate needs --tls-key"),
            (["--max-connections", "0"], "expected a number from 1"),
            (["--messages-per-second", "2000000"], "expected a number from 1 to 1000000"),
            (["--retry-after", "500ms"], "expected 1s to 1h"),
            (["--max-query-depth", "201"], "expected a number from 1 to 200"),
            (["--overflow", "explode"], "one of 'drop-oldest', 'drop-newest' or 'end'"),
            (["--admin-port", "0"], "--admin-port needs --admin-token-file"),
            (["--config", "/nonexistent"], "--config: cannot read /nonexistent"),
        ])
    func refused(arguments: [String], sentence: String) throws {
        let (status, output, errors) = try ServerProcess.run(arguments)
        #expect(status == 64)
        #expect(output == "")
        #expect(errors.hasPrefix("reference-server: "))
        #expect(errors.contains(sentence), "\(errors)")
        #expect(!errors.contains("\n"))
    }

    @Test("What is wrong in the environment is said to be there")
    func refusedEnvironment() throws {
        let (status, _, errors) = try ServerProcess.run([], environment: ["REFERENCE_SERVER_INIT_TIMEOUT": "soon"])
        #expect(status == 64)
        #expect(errors.hasPrefix("reference-server: REFERENCE_SERVER_INIT_TIMEOUT: "))
        let flag = try ServerProcess.run([], environment: ["REFERENCE_SERVER_TEST_MODE": "maybe"])
        #expect(flag.status == 64)
        #expect(flag.errors == "reference-server: REFERENCE_SERVER_TEST_MODE: expected true or false, not 'maybe'")
    }

    @Test("The environment sets what the command line does not")
    func environment() async throws {
        let environment = [
            "REFERENCE_SERVER_BUS": "memory", "REFERENCE_SERVER_TEST_MODE": "true",
            "REFERENCE_SERVER_MUTANT": "complete-twice", "REFERENCE_SERVER_PORT": "1",
            "REFERENCE_SERVER_LOG_LEVEL": "",
        ]
        let server = try await ServerProcess.start(["--mutant", "ids-trimmed"], environment: environment)
        #expect(server.announcement.hasSuffix("(events in memory, open to everybody, test mode, mutant ids-trimmed)"))
        server.terminate()
        #expect(try await server.exitCode() == 0)
    }

    @Test(
        "The password of the Redis URL is never repeated",
        arguments: ["redis://:s3cret@", "http://:s3cret@h", "redis://u:s3cret@h:x"])
    func hidesPassword(url: String) throws {
        let (status, _, errors) = try ServerProcess.run(["--redis-url", url])
        #expect(status == 64)
        #expect(!errors.contains("s3cret"))
    }

    @Test("Mutants are listed with what they break and where that was seen")
    func listsMutants() throws {
        let (status, output, _) = try ServerProcess.run(["--list-mutants"])
        #expect(status == 0)
        let lines = output.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
        #expect(lines.count >= 20)
        #expect(lines.allSatisfy { $0.count == 3 && $0[0].wholeMatch(of: /[a-z0-9-]+/) != nil && $0[1].hasSuffix(".") })
        #expect(Set(lines.map { $0[0] }).count == lines.count)
    }

    @Test("A port in use ends with 69 and says so")
    func portInUse() async throws {
        let first = try await ServerProcess.start(["--bus", "memory"])
        let (status, output, errors) = try ServerProcess.run(["--bus", "memory", "--port", "\(first.port)"])
        #expect(status == 69)
        #expect(output == "")
        #expect(errors.contains("reference-server: cannot listen on 127.0.0.1:\(first.port): "))
        first.terminate()
        #expect(try await first.exitCode() == 0)
    }
}
