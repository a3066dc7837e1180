import Glibc
import Testing

@testable import ConformanceKit

@Suite(.timeLimit(.minutes(1))) struct DockerEngineTests {
    static let inspection = """
        {"Id":"4fa6e0f0c678abcd","Name":"/shop-redis-1",
         "State":{"Running":true,"Paused":false,"Pid":4711},
         "HostConfig":{"PortBindings":{"6379/tcp":[{"HostIp":"","HostPort":"16379"}],"80/tcp":[{"HostPort":""}]}},
         "NetworkSettings":{
           "Ports":{"6379/tcp":[{"HostIp":"0.0.0.0","HostPort":"16379"}],"80/tcp":[{"HostPort":"32768"}],"53/udp":null},
           "Networks":{"shop_default":{"IPAddress":"172.20.0.3","Aliases":["redis","4fa6e0f0c678"]}}},
         "Config":{"Labels":{"com.docker.compose.service":"redis"}}}
        """

    private static func with(
        _ answers: [(status: Int, body: String)], _ body: (DockerEngine) async throws -> Void
    ) async throws -> [String] {
        let script = try await ScriptedEngine(answers)
        let http = HTTPClient(threads: 1)
        try await body(DockerEngine(socket: script.socket, http: http))
        await http.shutdown()
        let requests = script.requests
        try await script.stop()
        return requests
    }

    private static func lines(_ requests: [String]) -> [String] {
        requests.map { $0.split(separator: "\r\n").first.map(String.init) ?? "" }
    }

    private static func body(_ request: String) throws -> JSON {
        let text = request.split(separator: "\r\n\r\n", maxSplits: 1).last ?? ""
        return try JSONParser.parse(Array(text.utf8))
    }

    @Test func everyDeedIsAskedForByTheNameOfItsContainer() async throws {
        let requests = try await Self.with([
            (204, ""), (304, ""), (204, ""), (204, ""), (204, ""),
        ]) { engine in
            try await engine.kill("shop redis")
            try await engine.start("shop redis")
            try await engine.restart("r", grace: 0)
            try await engine.pause("r")
            try await engine.unpause("r")
        }
        #expect(
            Self.lines(requests) == [
                "POST /containers/shop%20redis/kill?signal=SIGKILL HTTP/1.1",
                "POST /containers/shop%20redis/start HTTP/1.1",
                "POST /containers/r/restart?t=0 HTTP/1.1", "POST /containers/r/pause HTTP/1.1",
                "POST /containers/r/unpause HTTP/1.1",
            ])
    }

    @Test func aContainerLeavesAndJoinsANetwork() async throws {
        let requests = try await Self.with([(200, ""), (200, "")]) { engine in
            try await engine.disconnect("r", from: "shop_default")
            try await engine.connect("r", to: "shop_default", aliases: ["redis"], address: "172.20.0.3")
        }
        #expect(
            Self.lines(requests) == [
                "POST /networks/shop_default/disconnect HTTP/1.1", "POST /networks/shop_default/connect HTTP/1.1",
            ])
        let left = try Self.body(requests[0])
        #expect(left == .object([.init("Container", .string("r")), .init("Force", .bool(true))]))
        let joined = try Self.body(requests[1])
        #expect(joined.at("EndpointConfig.Aliases") == .array([.string("redis")]))
        #expect(joined.at("EndpointConfig.IPAMConfig.IPv4Address") == .string("172.20.0.3"))
    }

    @Test func anInspectionIsRead() async throws {
        _ = try await Self.with([(200, Self.inspection)]) { engine in
            let facts = try await engine.container("shop-redis-1")
            #expect(facts.name == "shop-redis-1")
            #expect(facts.isRunning && !facts.isPaused && facts.processID == 4711)
            #expect(facts.networks["shop_default"] == .init(address: "172.20.0.3", aliases: ["redis"]))
            #expect(facts.ports == [6379: 16379, 80: 32768])
            // A port that the engine chose is another one after the next start, so the container's own address is used.
            #expect(facts.address(ofPort: 6379).map { "\($0)" } == "(host: \"127.0.0.1\", port: 16379)")
            #expect(facts.address(ofPort: 80).map { "\($0)" } == "(host: \"172.20.0.3\", port: 80)")
            #expect(facts.labels["com.docker.compose.service"] == "redis")
        }
    }

    @Test func containersAreFoundByTheirLabels() async throws {
        let requests = try await Self.with([(200, #"[{"Id":"a"},{"Id":"b"}]"#)]) { engine in
            let found = try await engine.containers(labels: ["k=v"])
            #expect(found == ["a", "b"])
        }
        #expect(
            Self.lines(requests) == [
                "GET /containers/json?all=true&filters=%7B%22label%22%3A%5B%22k%3Dv%22%5D%7D HTTP/1.1"
            ])
    }

    @Test func aRefusalSaysWhatTheEngineSaid() async throws {
        _ = try await Self.with([(409, #"{"message":"container r is not running"}"#), (200, "[]")]) { engine in
            let refused = await #expect(throws: DockerEngine.Failure.self) { try await engine.kill("r") }
            #expect(refused?.status == 409)
            #expect(refused?.message.contains("container r is not running") == true)
            let strange = await #expect(throws: DockerEngine.Failure.self) { _ = try await engine.container("r") }
            #expect(strange?.message.contains("cannot be read") == true)
        }
    }

    @Test func anEngineThatIsNotThereIsNamed() async throws {
        let http = HTTPClient(threads: 1)
        let engine = DockerEngine(environment: ["DOCKER_HOST": "unix:///nowhere/engine.sock"], http: http)
        let failure = await #expect(throws: DockerEngine.Failure.self) { try await engine.ping() }
        #expect(failure?.message.contains("/nowhere/engine.sock") == true)
        #expect(failure?.status == nil)
        await http.shutdown()
        #expect(DockerEngine.socket(["DOCKER_HOST": "tcp://10.0.0.1:2375"]) == "/var/run/docker.sock")
    }

    @Test func aContainerComesBackToWhereItWas() async throws {
        let requests = try await Self.with([
            (200, Self.inspection), (200, ""), (400, #"{"message":"user specified IP needs a subnet"}"#), (200, ""),
        ]) { engine in
            let container = DockerContainer("r", engine: engine)
            #expect(await container.isolate())
            #expect(await container.rejoin())
        }
        #expect(requests.count == 4)
        // The address is asked for first; on a network without a subnet of its own any will do.
        let (first, second) = (try Self.body(requests[2]), try Self.body(requests[3]))
        #expect(first.at("EndpointConfig.IPAMConfig.IPv4Address") == .string("172.20.0.3"))
        #expect(second.at("EndpointConfig.IPAMConfig") == nil)
        #expect(second.at("EndpointConfig.Aliases") == .array([.string("redis")]))
    }

    @Test func aContainerIsDownBetweenKillAndStart() async throws {
        // A process that is known to be in that container: the test's own, by the name of its first group.
        let groups = try #require(ProcessProbe.contents(of: "/proc/self/cgroup"))
        let own = Self.inspection.replacing("4fa6e0f0c678abcd", with: String(groups.prefix { $0 != "\n" }))
            .replacing("4711", with: "\(getpid())")
        _ = try await Self.with([(200, own), (204, ""), (204, ""), (200, own)]) { engine in
            let container = DockerContainer("r", engine: engine)
            #expect(await container.facts() != nil)
            #expect(container.processID == getpid())
            #expect(await container.kill())
            #expect(container.isDown && container.processID == nil)
            #expect(await container.start())
            #expect(!container.isDown && container.processID == getpid())
        }
    }

    @Test func aProcessOfAnotherGroupIsNotTheContainers() async throws {
        let other = Self.inspection.replacing("4711", with: "\(getpid())")
        _ = try await Self.with([(200, other)]) { engine in
            let container = DockerContainer("r", engine: engine)
            #expect(await container.facts()?.processID == getpid())
            #expect(container.processID == nil)
        }
    }
}
