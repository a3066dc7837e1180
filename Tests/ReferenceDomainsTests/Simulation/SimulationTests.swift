import GraphQLCore
import PubSub
import ReferenceDomains
import Synchronization
import Testing

@Suite("Seed data and simulation", .timeLimit(.minutes(1)))
struct SimulationTests {
    private static let channels =
        ["101", "102", "103"].flatMap { ["customer:\($0):network_status", "customer:\($0):devices"] }
        + ["services:updated", "services:status", "support:tickets", "documents:public"]
        + ["onu-status", "radius-sessions", "alerts", "tickets", "subscribers", "jobs", "campaigns"]
        .map { "realtime:\($0)" }

    /// What is published, as `channel message`, in order.
    private final class Record: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { self.lines.withLock { $0 } }

        init(_ bus: InMemoryBus) async throws {
            for channel in SimulationTests.channels {
                _ = try await bus.subscribe(to: ChannelName("public:" + channel)) { [self] event in
                    guard case .message(let bytes) = event else { return }
                    self.lines.withLock { $0.append("\(channel) \(String(decoding: bytes, as: UTF8.self))") }
                }
            }
        }
    }

    /// What a simulation of so many steps publishes.
    private func simulate(seed: UInt64, steps: Int) async throws -> [String] {
        let domains = try DomainHarness(now: { "2025-10-16T09:30:00Z" })
        let record = try await Record(domains.bus)
        try await SeedData(domains.environment, tenant: "public").load()
        var simulation = Simulation(domains.environment, tenant: "public", seed: seed)
        for _ in 1...steps { try await simulation.step() }
        return record.all
    }

    @Test("What happens follows from the seed")
    func reproducible() async throws {
        let one = try await self.simulate(seed: 7, steps: 200)
        #expect(try await self.simulate(seed: 7, steps: 200) == one)
        #expect(try await self.simulate(seed: 8, steps: 200) != one)
        // Of everything there is something, and no step fails.
        for channel in Self.channels { #expect(one.contains { $0.hasPrefix(channel) }, "\(channel)") }
        #expect(one.count >= 200)
        for status in ["degraded", "offline"] {
            #expect(one.contains { $0.contains(#""connection_status":"\#(status)""#) }, "\(status)")
        }
        #expect(one.contains { $0.contains(#""status":"closed""#) })
    }

    @Test("It makes one thing happen after each interval, until it is cancelled")
    func paced() async throws {
        let domains = try DomainHarness()
        try await SeedData(domains.environment, tenant: "public").load()
        let record = try await Record(domains.bus)
        let environment = domains.environment
        let running = Task {
            var simulation = Simulation(environment, tenant: "public", seed: 1)
            await simulation.run(every: .seconds(1)) { error in Issue.record(error) }
        }
        for _ in 1...20 {
            await domains.timers.set(1)
            domains.timers.advance(by: .seconds(1))
        }
        await domains.timers.set(1)
        #expect(record.all.count >= 20)
        running.cancel()
        await running.value
        #expect(domains.timers.pending == 0)
    }

    @Test("Seed data is loaded once and changes nothing that is there")
    func seedData() async throws {
        let domains = try DomainHarness()
        let data = SeedData(domains.environment, tenant: "public")
        try await data.load()
        _ = try await domains.run(#"mutation { updateService(id: "mail", input: {name: "Post"}) { id } }"#)
        let record = try await Record(domains.bus)
        try await data.load()
        #expect(record.all == [])
        #expect(
            try await domains.run(
                #"{ services { id name } customer(id: "102") { devices { deviceName } invoices { amount } } }"#)
                    == """
                    {"data":{"services":[{"id":"mail","name":"Post"},{"id":"tv","name":"Television"},\
                    {"id":"voice","name":"Voice"}],"customer":{"devices":[{"deviceName":"ONT of Bo Marchetti"}],\
                    "invoices":[{"amount":"39.90"}]}}}
                    """)
    }
}
