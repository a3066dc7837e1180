/// Sees in six steps whether a profile fits its server, so that a mistake in the profile is not taken for one of the server.
package struct Doctor: Sendable {
    private let profile: Profile
    private let target: Target
    private let player: SuitePlayer

    /// A doctor for a server that runs.
    package init(_ profile: Profile, _ target: Target) {
        self.profile = profile
        self.target = target
        self.player = SuitePlayer(target)
    }

    /// What one step came to.
    package struct Finding: Sendable, Equatable {
        package var step: Step
        package var outcome: Outcome
        /// One sentence.
        package var text: String
        /// What to look at in the profile; empty if all is well.
        package var hint: String
        /// What went over the wire.
        package var wire: [String]
    }

    /// The steps in their order; a step that fails ends the examination.
    package enum Step: String, Sendable, CaseIterable {
        case reach, negotiate
        case tokenAccepted = "token accepted"
        case tokenRefused = "token refused"
        case subscribe
        case oneEvent = "one event"
    }

    package enum Outcome: String, Sendable { case good = "ok", bad = "FAILED", skipped }

    /// Goes through the steps.
    ///
    /// - Parameter report: Called after each finding.
    /// - Returns: Whether none failed.
    package func examine(report: (Finding) -> Void) async -> Bool {
        for step in Step.allCases {
            for finding in await self.findings(step) {
                report(finding)
                if finding.outcome == .bad { return false }
            }
        }
        return true
    }

    private func findings(_ step: Step) async -> [Finding] {
        switch step {
        case .reach: await self.each(step) { await self.reach($0) }
        case .negotiate: await self.each(step) { await self.negotiate($0) }
        case .tokenAccepted: [await self.accepted()]
        case .tokenRefused: [await self.refused()]
        case .subscribe: [await self.subscribe()]
        case .oneEvent: [await self.oneEvent()]
        }
    }

    private func each(_ step: Step, _ look: (String) async -> Finding) async -> [Finding] {
        var findings: [Finding] = []
        for transport in ProfileParser.transports where self.target.endpoints[transport] != nil {
            findings.append(await look(transport))
            if findings.last?.outcome == .bad { break }
        }
        return findings
    }

    private var firstTransport: String? {
        ["transport-ws", "legacy-ws", "sse", "sse-single"].first { self.target.has("transport.\($0)") }
    }

    // MARK: The steps

    private func reach(_ transport: String) async -> Finding {
        guard let endpoint = self.target.endpoints[transport] else { return self.bad(.reach, "no endpoint", "") }
        let address = endpoint.authority
        let http = HTTPClient(threads: 1)
        defer { Task { await http.shutdown() } }
        do {
            _ = try await http.send(HTTPRequest(url: endpoint.url(), timeout: .seconds(5)))
        } catch  where error.kind == .cannotConnect {
            return self.bad(
                .reach, "nothing listens on \(address): \(error.message)",
                "endpoints.\(transport).url, or whether the server runs")
        } catch {
            // An answer that is no HTTP is still an answer; the next step looks at what is spoken.
        }
        return self.good(.reach, "\(transport) at \(address)")
    }

    private func negotiate(_ transport: String) async -> Finding {
        transport.hasSuffix("-ws") ? await self.upgrade(transport) : await self.post(transport)
    }

    private func upgrade(_ transport: String) async -> Finding {
        let history = await self.play(
            .negotiate,
            "- connect: {as: c1, transport: \(transport), outcome: any}\n- expect_http: {conn: c1, within: 5s, one_of: [{verdict: info, status: 101}, {verdict: info, anything: true}]}"
        )
        let wanted = transport == "legacy-ws" ? "graphql-ws" : "graphql-transport-ws"
        guard let response = history.firstResponse else {
            return self.bad(
                .negotiate, "\(transport): the upgrade was not answered", "endpoints.\(transport).url", history)
        }
        let chosen = response.values("Sec-WebSocket-Protocol").first ?? "none"
        switch (response.status, chosen) {
        case (101, wanted): return self.good(.negotiate, "\(transport): the server speaks \(wanted)")
        case (101, _):
            return self.bad(
                .negotiate, "\(transport): the server took the subprotocol \(chosen), not \(wanted)",
                "the name graphql-ws means the legacy dialect, whatever libraries are called: declare the dialect that is spoken",
                history)
        case (404, _):
            return self.bad(
                .negotiate, "\(transport): nothing is served at this path (404)",
                "the path of endpoints.\(transport).url",
                history)
        default:
            return self.bad(
                .negotiate, "\(transport): the upgrade was answered with \(response.status)",
                "whether endpoints.\(transport).url is the URL for WebSocket, and whether \(wanted) is spoken there",
                history)
        }
    }

    private func post(_ transport: String) async -> Finding {
        guard let endpoint = self.target.endpoints[transport] else { return self.bad(.negotiate, "no endpoint", "") }
        let accept = transport == "sse" ? "text/event-stream" : "application/graphql-response+json, application/json"
        let request = HTTPRequest(
            method: "POST", url: endpoint.url(),
            headers: [.init(name: "Accept", value: accept), .init(name: "Content-Type", value: "application/json")],
            body: Array(#"{"query":"{ __typename }"}"#.utf8))
        do {
            let response = try await self.send(request)
            let type = response.values(of: "Content-Type").first ?? "no content type"
            // Whoever is refused for lack of a token has still been understood.
            let isRefusal = response.status == 401 || response.status == 403
            let fits = transport == "sse" ? type.hasPrefix("text/event-stream") : type.contains("json")
            if isRefusal || (fits && (200..<300).contains(response.status)) {
                return self.good(.negotiate, "\(transport): \(response.status), \(type)")
            }
            return self.bad(
                .negotiate, "\(transport): a query was answered with \(response.status), \(type)",
                "the path of endpoints.\(transport).url")
        } catch {
            return self.bad(.negotiate, "\(transport): \(error.message)", "endpoints.\(transport).url")
        }
    }

    private func send(_ request: HTTPRequest) async throws(HTTPClientError) -> HTTPResponse {
        let http = HTTPClient(threads: 1)
        let result: Result<HTTPResponse, HTTPClientError>
        do {
            result = .success(try await http.send(request))
        } catch {
            result = .failure(error)
        }
        await http.shutdown()
        return try result.get()
    }

    /// What a connection does to be told whether it may: a query, where a transport has no handshake of its own.
    private func entry(_ transport: String, token: String, asks: Bool) -> String {
        let open = "- open: {as: c1, transport: \(transport)\(token)}"
        return asks || !transport.hasSuffix("-ws")
            ? "\(open)\n- run: {conn: c1, id: q, query: \"{ __typename }\"}" : open
    }

    private func accepted() async -> Finding {
        guard let transport = self.firstTransport else {
            return self.skipped(.tokenAccepted, "no endpoint carries subscriptions")
        }
        let subject = self.target.declared.auth?.subjects.keys.sorted().first
        let named = subject.map { ", subject: \(Improvised.quoted($0))" } ?? ""
        let history = await self.play(
            .tokenAccepted,
            self.target.declared.auth == nil
                ? self.entry(transport, token: "", asks: false)
                : "- mint: {as: good\(named)}\n" + self.entry(transport, token: ", token: good", asks: false))
        if let why = history.undeclared {
            return self.bad(.tokenAccepted, "no token could be made: \(why)", "auth.mint and auth.subjects", history)
        }
        if history.records.isEmpty { return self.skipped(.tokenAccepted, "this runner cannot make the token") }
        guard self.isGood(history) else {
            return self.bad(
                .tokenAccepted, "the connection was not accepted",
                self.target.declared.auth == nil
                    ? "whether the server wants a token: then the profile needs auth"
                    : "auth.carry, auth.format and auth.mint",
                history)
        }
        return self.good(
            .tokenAccepted,
            self.target.declared.auth == nil
                ? "no token is needed" : "a connection with the token of \(subject ?? "a subject") is accepted")
    }

    /// The first broken token that the profile's minting can make is presented where the profile says.
    private func refused() async -> Finding {
        guard let auth = self.target.declared.auth else {
            return self.skipped(.tokenRefused, "the profile has no auth")
        }
        guard let transport = self.firstTransport else { return self.skipped(.tokenRefused, "no endpoint") }
        let subject = auth.subjects.keys.sorted().first.map { ", subject: \(Improvised.quoted($0))" } ?? ""
        for kind in [TokenKind.tampered, .expired, .garbage] {
            let history = await self.play(
                .tokenRefused,
                "- mint: {as: bad\(subject), kind: \(kind.rawValue)}\n"
                    + self.entry(transport, token: ", token: bad", asks: true))
            if history.undeclared != nil || history.records.isEmpty { continue }
            if self.isGood(history) {
                return self.bad(
                    .tokenRefused, "a connection with a broken token (\(kind.rawValue)) was accepted",
                    "auth.carry (is the token looked for there?), and whether the server looks at tokens at all; leave auth out if not",
                    history)
            }
            return self.good(.tokenRefused, "a connection with a broken token (\(kind.rawValue)) is refused")
        }
        return self.skipped(.tokenRefused, "auth.mint can make no token that is broken")
    }

    private func subscribe() async -> Finding {
        guard self.target.stream != nil else { return self.skipped(.subscribe, "the profile has no stream") }
        guard let transport = self.firstTransport else { return self.skipped(.subscribe, "no endpoint") }
        let history = await self.play(
            .subscribe,
            "- open: {as: c1, transport: \(transport)\(self.token)}\n- subscribe: {conn: c1, id: s1, topic: \"{{u}}\"}\n- fence: {conn: c1}"
        )
        guard self.isGood(history) else {
            return self.bad(
                .subscribe, "the subscription was refused", "stream.document and stream.variables", history)
        }
        return self.good(.subscribe, "the subscription is accepted")
    }

    private func oneEvent() async -> Finding {
        guard self.target.stream != nil, let transport = self.firstTransport else {
            return self.skipped(.oneEvent, "the profile has no stream")
        }
        guard self.target.emit != nil else {
            return self.skipped(.oneEvent, "the profile has no emit: cases that need events are unsupported")
        }
        let history = await self.play(
            .oneEvent,
            "- open: {as: c1, transport: \(transport)\(self.token)}\n- subscribe: {conn: c1, id: s1, topic: \"{{u}}\"}\n- live: {conn: c1, id: s1}"
        )
        guard self.isGood(history) else {
            let said = history.records.contains { if case .emitted(_, .failed, _) = $0.event { true } else { false } }
            return self.bad(
                .oneEvent, said ? "the event was refused" : "no event with the right nonce arrived",
                said
                    ? "emit"
                    : "emit (does it reach the topic of stream?) and stream.nonce_at (is it the path of the nonce?)",
                history)
        }
        return self.good(.oneEvent, "an event arrives")
    }

    private var token: String {
        guard self.target.declared.auth != nil, let subject = self.target.declared.auth?.subjects.keys.sorted().first
        else { return "" }
        return ", token: \(Improvised.quoted(subject))"
    }

    // MARK: Findings

    private func play(_ step: Step, _ steps: String) async -> History {
        let name = "doctor/" + step.rawValue.replacing(" ", with: "-")
        guard let expanded = Improvised.expanded(name, steps: steps) else { return History() }
        return await self.player.play(expanded).1
    }

    /// Whether every step was played and none failed.
    private func isGood(_ history: History) -> Bool {
        history.records.contains { if case .stepsEnded(.completed) = $0.event { true } else { false } }
            && !history.records.contains { record in
                guard case .frameReceived(let frame) = record.event, let text = frame.payload.text,
                    let message = try? JSONParser.parse(Array(text.utf8))
                else { return false }
                return ["error", "connection_error", "refused"].contains(message["type"]?.stringValue)
            }
    }

    private func good(_ step: Step, _ text: String) -> Finding {
        Finding(step: step, outcome: .good, text: text, hint: "", wire: [])
    }

    private func skipped(_ step: Step, _ text: String) -> Finding {
        Finding(step: step, outcome: .skipped, text: text, hint: "", wire: [])
    }

    private func bad(_ step: Step, _ text: String, _ hint: String, _ history: History = History()) -> Finding {
        Finding(step: step, outcome: .bad, text: text, hint: hint, wire: history.tail(6))
    }
}
