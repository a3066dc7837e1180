extension Judgement {
    /// Frames, ends of connections, and messages that nobody asked for.
    mutating func checkConnections() {
        for name in self.state.connectionOrder {
            guard let connection = self.state.connections[name] else { continue }
            self.checkFrames(connection)
            if self.stepsEnd != .aborted || name.hasPrefix("~") { self.checkEnd(connection) }
            if self.stepsEnd == .completed, !name.hasPrefix("~") { self.checkUnexpected(connection) }
        }
    }

    private func facet(of connection: ConnectionState) -> Facet {
        connection.name == StepPlayer.livenessName ? .recovery : .behaviour
    }

    private mutating func checkFrames(_ connection: ConnectionState) {
        for (sequence, text) in connection.frameProblems.prefix(3) {
            self.add(
                .init(
                    verdict: .fail, facet: self.facet(of: connection), check: "frames-wellformed",
                    requirements: Self.rows(forFrameProblem: text), message: text, actual: "frame: \(text)",
                    connection: connection.name, records: [sequence]))
        }
        if let first = connection.framesAfterClose.first {
            self.add(
                .init(
                    verdict: .fail, facet: .close, check: "message-order",
                    requirements: ["transport-ws/no-frames-after-close"],
                    message: "\(connection.framesAfterClose.count) frames followed the close frame (RFC 6455 §5.5.1)",
                    actual: "frame after close: ", connection: connection.name, records: [first]))
        }
        if let mark = connection.unreadable, !self.expectedEnds.contains(connection.name) {
            self.add(
                .init(
                    verdict: .fail, facet: self.facet(of: connection), check: "frames-wellformed",
                    requirements: ["transport-ws/server-frames-wellformed"], message: mark.text,
                    actual: "unreadable: \(mark.text)", connection: connection.name, records: [mark.sequence]))
        }
    }

    private static func rows(forFrameProblem text: String) -> [String] {
        if text.contains("masked") { return ["ws/server-frames-unmasked"] }
        if text.contains("shortest") { return ["ws/length-minimal"] }
        if text.contains("close") || text.contains("bytes of payload") { return ["transport-ws/close-reason-length"] }
        return ["transport-ws/server-frames-wellformed"]
    }

    private mutating func checkEnd(_ connection: ConnectionState) {
        // A server may well leave a client with whom it agreed on no dialect.
        guard let response = connection.response?.response, response.status == 101,
            !response.values("Sec-WebSocket-Protocol").isEmpty, !self.expectedEnds.contains(connection.name)
        else { return }
        let ends = [connection.close?.sequence, connection.ended?.sequence].compactMap { $0 }
        guard let end = ends.min(), end < connection.leftAt ?? .max else { return }
        // A fault may well cost the runner its own connections.
        let time = [connection.close?.time, connection.ended?.time].compactMap { $0 }.min() ?? 0
        if connection.name.hasPrefix("~"), self.state.faults.contains(where: { $0.began <= time }) { return }
        // The failure that this end led to is in the list already.
        if self.reasons.contains(where: { $0.connection == connection.name && !$0.verdict.isGood }) { return }
        self.add(
            .init(
                verdict: .fail, facet: .close, check: "no-unexpected-close",
                message: "the server ended `\(connection.name)`, which nobody expected",
                expected: ["the connection stays open"], actual: connection.endSummary, connection: connection.name,
                records: [end]))
    }

    private mutating func checkUnexpected(_ connection: ConnectionState) {
        let rest = connection.items.filter { item in
            if item.isConsumed || item.isProbe || item.isAfterLeaving { return false }
            return !Expectation.isAllowed(item, self.allow)
        }
        guard let first = rest.first else { return }
        self.add(
            .init(
                verdict: .fail, facet: self.facet(of: connection), check: "no-unexpected-message",
                message: rest.count == 1
                    ? "a message came that nobody expected" : "\(rest.count) messages came that nobody expected",
                expected: ["nothing more on \(connection.name)"], actual: first.summary, connection: connection.name,
                records: rest.prefix(20).map(\.sequence)))
    }

    /// Order and shape of the messages of every connection that speaks a dialect we know.
    mutating func checkMessages() {
        for name in self.state.connectionOrder {
            guard let connection = self.state.connections[name] else { continue }
            let facet = self.facet(of: connection)
            let problems = Self.problems(of: connection)
            for problem in problems.order.prefix(3) { self.add(problem, "message-order", facet, name) }
            for problem in problems.shape.prefix(3) { self.add(problem, "message-shape", facet, name) }
        }
    }

    private mutating func add(_ problem: MessageProblem, _ check: String, _ facet: Facet, _ connection: String) {
        if problem.isAboutEnd, self.expectedEnds.contains(connection) { return }
        self.add(
            .init(
                verdict: problem.verdict, facet: facet, check: check, requirements: problem.rows,
                message: problem.message, actual: problem.actual, connection: connection, records: [problem.sequence]))
    }

    private static func problems(
        of connection: ConnectionState
    ) -> (order: [MessageProblem], shape: [MessageProblem]) {
        if connection.speaksHTTP { return ([], EventStreamRules.problems(of: connection)) }
        guard let response = connection.response?.response, response.status == 101 else { return ([], []) }
        let selected = response.values("Sec-WebSocket-Protocol")
        if selected == [Subprotocol.token(of: "transport-ws")] {
            return (TransportWSOrder.problems(of: connection), TransportWSShape.problems(of: connection))
        }
        if selected == [Subprotocol.token(of: "legacy-ws")] {
            return (LegacyOrder.problems(of: connection), LegacyShape.problems(of: connection))
        }
        return ([], [])
    }
}

/// A message that breaks a rule of its dialect.
struct MessageProblem: Equatable {
    var sequence: Int
    var rows: [String]
    var message: String
    var actual: String
    var verdict: Verdict = .fail
    /// About the end of a stream; nothing to say where that end was expected.
    var isAboutEnd = false
}
