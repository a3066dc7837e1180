/// Opens, subscribes and drops connections, again and again, and says whether something stays behind on the server.
package struct LeakLab: Sendable {
    /// How a connection ends.
    package enum Drop: String, Sendable, CaseIterable {
        case rst, fin, close
        case midFrame = "mid-frame"

        /// The step of a scenario.
        var step: String {
            self == .close
                ? "- close: {conn: c1, code: 1000, reason: bye}" : "- drop: {conn: c1, how: \(self.rawValue)}"
        }
    }

    /// How far a connection gets before it ends; each includes the ones before.
    package enum Stage: String, Sendable, CaseIterable {
        case opened, subscribed

        func steps(_ transport: String) -> [String] {
            let open = "- open: {as: c1, transport: \(transport)}"
            switch self {
            case .opened: return [open]
            case .subscribed:
                return [open, "- subscribe: {conn: c1, id: s1, topic: \"{{u}}\"}", "- fence: {conn: c1}"]
            }
        }
    }

    /// What is looked at.
    package struct Series: Sendable, Equatable, Codable {
        package var name: String
        /// Cycles so far, and what was in use then.
        package var samples: [Sample]
        package var finding: LeakStatistics.Finding
        /// For each cycle.
        package var slope: Double
        /// From 0 to 1.
        package var confidence: Double

        package struct Sample: Sendable, Equatable, Codable {
            package var cycles: Int
            package var used: Double
        }
    }

    /// What came out.
    package struct Result: Sendable, Equatable, Codable {
        package var schema = 1
        package var drop: String
        package var cycles: Int
        package var series: [Series]
        /// The smallest reproduction that was found, in words; `nil` without a leak that a single look can show.
        package var smallest: String?

        /// Leak if one series grows; unclear if none could be judged.
        package var finding: LeakStatistics.Finding {
            if self.series.contains(where: { $0.finding == .leak }) { return .leak }
            return self.series.contains { $0.finding == .none } ? .none : .unclear
        }
    }

    private let target: Target
    private let processID: Int32?
    private let drop: Drop
    private let cycles: Int
    private let jobs: Int
    private let transport: String
    private let player: SuitePlayer
    private let oracle: RedisOracle?

    /// The number of looks; enough for the statistics to tell a trend from wavering.
    private static let looks = 48

    /// A laboratory.
    ///
    /// - Parameters:
    ///   - processID: The server's process, if it is on this machine.
    ///   - jobs: How many connections there are at a time.
    /// - Throws: If the server has no WebSocket or the profile no stream, or nothing can be looked at.
    package init(
        _ target: Target, processID: Int32?, drop: Drop, cycles: Int, jobs: Int
    ) throws(HarnessError) {
        guard let transport = ["transport-ws", "legacy-ws"].first(where: { target.endpoints[$0] != nil }) else {
            throw HarnessError("The laboratory needs an endpoint for WebSocket.")
        }
        guard target.stream != nil else { throw HarnessError("The laboratory needs a stream in the profile.") }
        guard target.redis != nil || processID != nil else {
            throw HarnessError(
                "Nothing can be looked at: give the Redis of the server in the profile (redis.url), or its process (--pid)."
            )
        }
        self.target = target
        self.processID = processID
        self.drop = drop
        self.cycles = cycles
        self.jobs = jobs
        self.transport = transport
        self.player = SuitePlayer(target)
        self.oracle = target.redis.map { RedisOracle($0) }
    }

    /// Goes through all cycles.
    ///
    /// - Parameter report: Called after each look with the series so far, not judged yet.
    package func run(stop: StopSwitch, report: @Sendable ([Series]) -> Void) async throws(HarnessError) -> Result {
        // The first connections fill pools and caches; they are no leak.
        try await self.play(self.jobs, .subscribed)
        var series: [String: [Series.Sample]] = [:]
        var order: [String] = []
        var done = 0
        func look() async throws(HarnessError) {
            for (name, value) in try await self.settled() {
                if series[name] == nil { order.append(name) }
                series[name, default: []].append(.init(cycles: done, used: value))
            }
            report(
                order.map { Series(name: $0, samples: series[$0] ?? [], finding: .unclear, slope: 0, confidence: 0) })
        }
        try await look()
        let part = max(1, self.cycles / Self.looks)
        while done < self.cycles, stop.reason == nil {
            let count = min(part, self.cycles - done)
            try await self.play(count, .subscribed)
            done += count
            try await look()
        }
        var result = Result(
            drop: self.drop.rawValue, cycles: done, series: order.map { Self.judged($0, series[$0] ?? []) })
        if result.series.contains(where: { $0.finding == .leak && $0.name == "Redis channels" }), stop.reason == nil {
            result.smallest = try await self.smallest()
        }
        return result
    }

    private static func judged(_ name: String, _ samples: [Series.Sample]) -> Series {
        let statistics = LeakStatistics.judge(samples.map { .init(work: Double($0.cycles), used: $0.used) })
        return Series(
            name: name, samples: samples, finding: statistics.finding, slope: statistics.slope,
            confidence: statistics.confidence)
    }

    // MARK: One round

    /// Plays so many cycles, `jobs` at a time.
    private func play(_ count: Int, _ stage: Stage) async throws(HarnessError) {
        let steps = (stage.steps(self.transport) + [self.drop.step]).joined(separator: "\n")
        guard let cycle = Improvised.expanded("lab/leak", steps: steps) else {
            throw HarnessError("The steps of the laboratory cannot be read.")
        }
        let failure = await withTaskGroup(of: String?.self) { group in
            var started = 0
            var failure: String?
            while started < min(self.jobs, count) {
                started += 1
                group.addTask { await self.playOne(cycle) }
            }
            while let problem = await group.next() {
                failure = failure ?? problem
                guard started < count, failure == nil else { continue }
                started += 1
                group.addTask { await self.playOne(cycle) }
            }
            return failure
        }
        if let failure { throw HarnessError("A cycle of the laboratory failed: \(failure)") }
    }

    private func playOne(_ cycle: ExpandedCase) async -> String? {
        let history = await self.player.play(cycle).1
        for record in history.records {
            if case .problem(_, let message) = record.event { return message }
            if case .connectFailed(let reason) = record.event { return reason }
        }
        return nil
    }

    /// What is in use once it no longer falls, or the time for cleaning up is over.
    private func settled() async throws(HarnessError) -> [(String, Double)] {
        let deadline = ContinuousClock.now + .nanoseconds(Int64(self.target.timing.cleanup / 4))
        var lowest = try await self.look()
        var same = 0
        while same < 4, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(25))
            let now = try await self.look()
            let fell = zip(now, lowest).contains { $0.1 < $1.1 }
            same = fell ? 0 : same + 1
            lowest = zip(now, lowest).map { ($0.0, min($0.1, $1.1)) }
        }
        return lowest
    }

    private func look() async throws(HarnessError) -> [(String, Double)] {
        var values: [(String, Double)] = []
        if let oracle = self.oracle {
            for (name, question) in [
                ("Redis channels", ValueSource.RedisQuestion.subscriptions(containing: "")),
                ("Redis patterns", .patterns),
            ] {
                switch await oracle.ask(question) {
                case .success(let count): values.append((name, Double(count)))
                case .failure(let failure): throw HarnessError("Redis cannot be asked: \(failure.message)")
                }
            }
        }
        if let processID = self.processID {
            guard let facts = ProcessProbe.look(at: processID) else {
                throw HarnessError("The server's process \(processID) is gone, or may not be looked at.")
            }
            values.append(("open descriptors", Double(facts.descriptors)))
            values.append(("threads", Double(facts.threads)))
            values.append(("resident MiB", Double(facts.memory) / 1_048_576))
        }
        return values
    }

    // MARK: The smallest reproduction

    /// The shortest way and the fewest cycles after which more channels are subscribed than before.
    private func smallest() async throws(HarnessError) -> String? {
        for stage in Stage.allCases {
            for count in [1, 2, 5, 20, 100] {
                let before = try await self.channels()
                try await self.play(count, stage)
                let after = try await self.channels()
                guard after > before else { continue }
                let kept = Int(after - before)
                return "\(count == 1 ? "one connection" : "\(count) connections"), \(stage.rawValue), then ended by "
                    + "\(self.drop.rawValue): \(kept) \(kept == 1 ? "channel stays" : "channels stay") subscribed"
            }
        }
        return nil
    }

    private func channels() async throws(HarnessError) -> Double {
        try await self.settled().first { $0.0 == "Redis channels" }?.1 ?? 0
    }
}
