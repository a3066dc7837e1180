import GraphQLCore
import PubSub
import Synchronization
import Testing

@testable import ReferenceDomains

@Suite struct WorksTests {
    private let harness: DomainHarness
    private let works: Works

    init() throws {
        self.harness = try DomainHarness()
        self.works = Works(self.harness.environment)
    }

    private static let boss = Identity(
        tenant: "acme", user: "ada", permissions: Set(WorkCommand.allCases.map(\.permission)))

    private func status(_ kind: WorkKind, _ id: String) async throws -> String? {
        try await self.works.find(kind, id, tenant: "acme")?["status"]?.stringValue
    }

    @Test(arguments: WorkKind.allCases)
    func isPausedResumedAndCancelled(_ kind: WorkKind) async throws {
        let streams = OperationsStreams(self.harness.environment)
        let listener = OperationsStreamsTests.Listener()
        let end = try await streams.listen(to: kind.stream, tenant: "acme", listener.receive)
        let control = try await RawListener("acme:\(kind.rawValue):control", on: self.harness.bus)
        let item = try await self.works.start(kind, type: "bulk", itemsTotal: 10, tenant: "acme", id: "7")
        #expect(item[kind.idKey] == "7" && item["status"] == "running")
        let commands = WorkCommand.allCases.filter { $0.kind == kind }
        let (cancel, pause, resume) = (commands[0], commands[1], commands[2])
        try await self.works.perform(pause, on: "7", by: Self.boss)
        #expect(try await self.status(kind, "7") == "paused")
        #expect(try await self.works.advance(kind, "7", by: 5, tenant: "acme") == .paused)
        try await self.works.perform(resume, on: "7", by: Self.boss)
        #expect(try await self.works.advance(kind, "7", by: 5, tenant: "acme") == .running)
        try await self.works.perform(cancel, on: "7", by: Self.boss)
        #expect(try await self.status(kind, "7") == "cancelled")
        let types = await listener.next(5)
        #expect(
            types
                == (kind == .job
                    ? ["job.created", "job.progress", "job.progress", "job.progress", "job.cancelled"]
                    : Array(repeating: "campaign.progress", count: 5)))
        for command in [pause, resume, cancel] {
            let order = await control.next().objectValue
            #expect(order?["command"]?.stringValue == command.rawValue && order?["requested_by"] == "ada")
            #expect(order?["tenant_id"] == "acme" && order?[kind.idKey] == "7")
        }
        for command in commands {
            await #expect { try await self.works.perform(command, on: "7", by: Self.boss) } throws: {
                ($0 as? GraphQLError)?.extensions?["code"] == "CONFLICT"
            }
        }
        end.cancel()
    }

    @Test(arguments: WorkCommand.allCases)
    func eachCommandNeedsItsOwnPermission(_ command: WorkCommand) async throws {
        _ = try await self.works.start(command.kind, type: "bulk", itemsTotal: 10, tenant: "acme", id: "7")
        let others = Set(WorkCommand.allCases.map(\.permission)).subtracting([command.permission])
        let clerk = Identity(tenant: "acme", user: "bob", permissions: others)
        await #expect { try await self.works.perform(command, on: "7", by: clerk) } throws: {
            ($0 as? GraphQLError)?.extensions?["code"] == "FORBIDDEN"
        }
        #expect(try await self.status(command.kind, "7") == "running")
    }

    @Test func whatIsAnotherTenantsDoesNotExist() async throws {
        _ = try await self.works.start(.job, type: "bulk", itemsTotal: 10, tenant: "acme", id: "7")
        let stranger = Identity(tenant: "globex", user: "eve", permissions: Self.boss.permissions)
        #expect(try await self.works.find(.job, "7", tenant: "globex") == nil)
        var messages: [String] = []
        for id in ["7", "nothing"] {
            do {
                try await self.works.perform(.cancelJob, on: id, by: stranger)
            } catch let error as GraphQLError {
                messages.append(error.message)
            }
        }
        #expect(messages == ["There is no such job.", "There is no such job."])
        #expect(try await self.status(.job, "7") == "running")
    }

    @Test func eventsFollowTheOrderOfTheChanges() async throws {
        let streams = OperationsStreams(self.harness.environment)
        _ = try await self.works.start(.job, type: "bulk", itemsTotal: 1_000, tenant: "acme", id: "7")
        let statuses = Mutex<[String]>([])
        let listener = OperationsStreamsTests.Listener()
        let end = try await streams.listen(to: .jobs, tenant: "acme") { signal in
            if case .event(let event) = signal {
                statuses.withLock { $0.append(event.members["status"]?.stringValue ?? "") }
            }
            listener.receive(signal)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<40 { group.addTask { try await self.works.advance(.job, "7", by: 1, tenant: "acme") } }
            group.addTask { try await self.works.perform(.cancelJob, on: "7", by: Self.boss) }
            try await group.waitForAll()
        }
        let processed = try await self.works.find(.job, "7", tenant: "acme")?["items_processed"]?.intValue ?? -1
        let types = await listener.next(Int(processed) + 1)
        #expect(types.last == "job.cancelled" && types.dropLast().allSatisfy { $0 == "job.progress" })
        #expect(statuses.withLock { $0.last } == "cancelled")
        end.cancel()
    }

    @Test func simulatedWorkEndsByItself() async throws {
        _ = try await self.works.start(.job, type: "bulk", itemsTotal: 3, tenant: "acme", id: "7")
        async let done: Void = self.works.simulate(.job, "7", by: 1, tenant: "acme")
        for _ in 0..<3 {
            await self.harness.timers.set(1)
            self.harness.timers.advance(by: .milliseconds(500))
        }
        try await done
        let job = try await self.works.find(.job, "7", tenant: "acme")
        #expect(job?["status"] == "completed" && job?["progress_percent"] == 100 && job?["items_succeeded"] == 3)
    }

    @Test func startsByMutationForWhoMay() async throws {
        let clerk = Identity(tenant: "acme", user: "bob", permissions: ["jobs.start"])
        let document = "mutation { startJob(jobType: \"bulk\", itemsTotal: 2) }"
        let answer = try await self.harness.run(document, as: clerk)
        #expect(answer.contains(#""job_type":"bulk""#) && answer.contains(#""items_total":2"#))
        let nobody = Identity(tenant: "acme", user: "bob")
        #expect(try await self.harness.run(document, as: nobody).contains("FORBIDDEN"))
        let long = "mutation { startJob(jobType: \"bulk\", itemsTotal: 1000001) }"
        #expect(try await self.harness.run(long, as: clerk).contains("BAD_USER_INPUT"))
    }
}
