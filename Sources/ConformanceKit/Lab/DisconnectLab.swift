/// Ends connections in every way at every point of an operation's life and sees what is left behind.
package struct DisconnectLab: Sendable {
    /// A point of an operation's life.
    package struct Point: Sendable, Equatable {
        package var name: String
        /// The steps up to it, after which `c1` ends.
        fileprivate var steps: [String]
    }

    /// A way to end a connection.
    package struct Ending: Sendable, Equatable {
        package var name: String
        fileprivate var step: String
    }

    /// What was left behind.
    package struct Cell: Sendable, Equatable, Codable {
        package var point: String
        package var ending: String
        package var outcome: Outcome
        /// One sentence; empty if all is well.
        package var text: String

        package enum Outcome: String, Sendable, Codable { case clean, left, unclear }
    }

    private let player: SuitePlayer
    private let transport: String
    private let cleanup: UInt64
    private let canEmit: Bool

    /// A laboratory.
    ///
    /// - Throws: If the server has no WebSocket, the profile no stream, or Redis cannot be looked at.
    package init(_ target: Target) throws(HarnessError) {
        guard let transport = ["transport-ws", "legacy-ws"].first(where: { target.endpoints[$0] != nil }) else {
            throw HarnessError("The laboratory needs an endpoint for WebSocket.")
        }
        guard target.stream != nil, target.redis != nil else {
            throw HarnessError(
                "The laboratory needs a stream and the Redis of the server in the profile (stream, redis.url).")
        }
        self.player = SuitePlayer(target)
        self.transport = transport
        self.cleanup = target.timing.cleanup
        self.canEmit = target.emit != nil
    }

    /// The points, earliest first.
    package var points: [Point] {
        let connect = "- connect: {as: c1, transport: \(self.transport)}"
        let open = "- open: {as: c1, transport: \(self.transport)}"
        let subscribe = "- subscribe: {conn: c1, id: s1, topic: \"{{u}}\"}"
        var points = [
            Point(name: "upgraded", steps: [connect]),
            Point(name: "init sent", steps: [connect, "- init: {conn: c1}"]),
            Point(name: "acknowledged", steps: [open]), Point(name: "subscribe just sent", steps: [open, subscribe]),
            Point(
                name: "subscribed",
                steps: [
                    open, subscribe, "- eventually: {redis: subscriptions, of: \"{{u}}\", at_least: 1, within: 5s}",
                ]),
        ]
        if self.canEmit {
            let live = "- live: {conn: c1, id: s1}"
            points.append(Point(name: "event received", steps: [open, subscribe, live]))
            points.append(
                Point(
                    name: "complete just sent", steps: [open, subscribe, live, "- complete: {conn: c1, id: s1}"]))
            points.append(
                Point(
                    name: "subscribed again",
                    steps: [open, subscribe, live, "- complete: {conn: c1, id: s1}", subscribe]))
        }
        return points
    }

    /// The ways.
    package static let endings = [
        Ending(name: "close 1000", step: "- close: {conn: c1, code: 1000, reason: bye}"),
        Ending(name: "close empty", step: "- close: {conn: c1, code: none}"),
        Ending(name: "FIN", step: "- drop: {conn: c1, how: fin}"),
        Ending(name: "RST", step: "- drop: {conn: c1, how: rst}"),
        Ending(name: "in a frame", step: "- drop: {conn: c1, how: mid-frame}"),
    ]

    /// Every cell, points in their order, endings within.
    ///
    /// - Parameter report: Called after each cell, in no certain order.
    package func run(stop: StopSwitch, report: @escaping @Sendable (Cell) -> Void) async -> [Cell] {
        let all = self.points.flatMap { point in Self.endings.map { (point, $0) } }
        var cells = [Cell?](repeating: nil, count: all.count)
        await withTaskGroup(of: (Int, Cell).self) { group in
            var next = 0
            while true {
                while next < all.count, next < 6 || cells.count(where: { $0 != nil }) > next - 6, stop.reason == nil {
                    let index = next
                    next += 1
                    group.addTask { (index, await self.cell(all[index].0, all[index].1)) }
                }
                guard let (index, cell) = await group.next() else { return }
                cells[index] = cell
                report(cell)
            }
        }
        return cells.compactMap { $0 }
    }

    private func cell(_ point: Point, _ ending: Ending) async -> Cell {
        let wait = "\(self.cleanup / 1_000_000)ms"
        let steps =
            point.steps + [
                ending.step,
                // What was on its way when the connection ended has arrived by then.
                "- wait_until: {elapsed: 200ms, because: a subscription may be on its way}",
                "- eventually: {redis: subscriptions, of: \"{{u}}\", equals: 0, within: \(wait)}",
            ]
        func cell(_ outcome: Cell.Outcome, _ text: String) -> Cell {
            Cell(point: point.name, ending: ending.name, outcome: outcome, text: text)
        }
        guard let expanded = Improvised.expanded("lab/disconnect", steps: steps.joined(separator: "\n"), budget: "60s")
        else { return cell(.unclear, "the steps cannot be read") }
        let (result, history) = await self.player.play(expanded)
        if let problem = history.records.compactMap({ record -> String? in
            if case .problem(_, let message) = record.event { message } else { nil }
        }).first {
            return cell(.unclear, problem)
        }
        let reasons = result.reasons.filter { $0.step?.hasSuffix("eventually") == true && !$0.verdict.isGood }
        guard let reason = reasons.first else { return cell(.clean, "") }
        if reason.expected.contains(where: { $0.contains("at-least") }) {
            return cell(.unclear, "no subscription was seen on Redis to begin with")
        }
        return cell(.left, "after \(wait): \(reason.actual)")
    }
}
