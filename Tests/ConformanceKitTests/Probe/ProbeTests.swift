import Glibc
import Testing

@testable import ConformanceKit

@Suite struct ProbeTests {
    @Test func aProcessWithAStrangeNameIsRead() {
        let fields = (3...52).map { field in
            switch field {
            case 14: "150"
            case 15: "50"
            case 20: "7"
            case 24: "100"
            default: "0"
            }
        }
        let stat = "42 (a) b (c) " + fields.joined(separator: " ")
        #expect(
            ProcessProbe.facts(stat: stat, descriptors: 9, pageSize: 4_096, ticksPerSecond: 100)
                == .init(memory: 409_600, threads: 7, descriptors: 9, processorTime: 2_000))
        #expect(ProcessProbe.facts(stat: "42 (a", descriptors: 0, pageSize: 1, ticksPerSecond: 1) == nil)
        #expect(ProcessProbe.facts(stat: "42 (a) R 1", descriptors: 0, pageSize: 1, ticksPerSecond: 1) == nil)
    }

    @Test func thisProcessCanBeSeen() throws {
        let before = try #require(ProcessProbe.look(at: getpid()))
        #expect(before.memory > 1 << 20)
        #expect(before.threads >= 1)
        let descriptors = (0..<40).map { _ in open("/dev/null", O_RDONLY) }
        let after = try #require(ProcessProbe.look(at: getpid()))
        for descriptor in descriptors { close(descriptor) }
        #expect(after.descriptors >= before.descriptors + 20)
        #expect(ProcessProbe.look(at: 0x7FFF_FFFF) == nil)
    }

    static let metrics = """
        # HELP a_total A thing.
        # TYPE a_total counter
        a_total 3
        open{kind="ws",who="a\\"b"} 2 1395066363000
        open{kind="sse"} 1.5
        open_other 9
        big +Inf
        bad NaN
        """

    @Test(arguments: [
        ("a_total", 3.0), ("open", 3.5), (#"open{kind="ws"}"#, 2), (#"open{kind="ws",who="a\"b"}"#, 2),
        ("open_other", 9),
    ])
    func metricsAreSummed(selector: String, value: Double) {
        #expect(MetricsText.value(selector, in: Self.metrics) == value)
    }

    @Test(arguments: ["nothing", #"open{kind="x"}"#, "bad", ""])
    func whatIsNotThereIsNothing(selector: String) {
        #expect(MetricsText.value(selector, in: Self.metrics) == nil)
    }
}
