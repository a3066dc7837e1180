extension Judgement {
    /// The checks that the scenario asks for.
    mutating func checkRequested() {
        for request in self.expandedCase.scenario.checks {
            switch request.name {
            case "subscriptions-return-to-baseline": self.checkBaseline()
            case "exactly-once": self.checkDeliveries(request, missing: true, twice: true, order: false)
            case "no-duplicates": self.checkDeliveries(request, missing: false, twice: true, order: false)
            case "order-per-topic": self.checkDeliveries(request, missing: false, twice: false, order: true)
            case "never-delivered": self.checkNeverDelivered(request)
            case "no-cross-talk": self.checkCrossTalk(request)
            case "no-secrets-on-wire": self.checkSecrets(request)
            case "gap-only-in": self.checkGaps(request)
            case "bounded-memory": self.checkMemory(request)
            default:
                self.add(finding(request, .error, "there is no check `\(request.name)`", ""))
            }
        }
    }

    func finding(
        _ request: CheckRequest, _ verdict: Verdict, _ message: String, _ actual: String, connection: String? = nil,
        records: [Int] = []
    ) -> CaseResult.Reason {
        .init(
            verdict: verdict, facet: .behaviour, check: request.name,
            step: "\(self.expandedCase.scenario.file):\(request.line) checks", message: message, actual: actual,
            connection: connection, records: records)
    }

    /// The probe compared; here only: could it see anything at all?
    private mutating func checkBaseline() {
        if self.reasons.contains(where: { !$0.verdict.isGood && $0.facet != .cleanup }) { return }
        let sawSomething = self.state.highest.contains { source, value in
            source.contains(self.state.token) && value >= 1
        }
        guard self.cleanupDecided else {
            // Whoever promises neither a Redis nor a gauge has no window to be looked into, which is nobody's failure. A
            // promised one that gives no answer has left a finding of its own behind.
            self.add(
                .init(
                    verdict: .unsupported, facet: .cleanup, check: "subscriptions-return-to-baseline",
                    message: "the profile names neither a Redis nor a gauge, so what stays behind cannot be seen"))
            return
        }
        guard !sawSomething else { return }
        guard self.state.highest.keys.contains(where: { $0.hasPrefix("redis") }) else {
            self.add(
                .init(
                    verdict: .unsupported, facet: .cleanup, check: "subscriptions-return-to-baseline",
                    message: "the profile names no Redis, and its gauge does not count what this case subscribes to"))
            return
        }
        self.add(
            .init(
                verdict: .inconclusive, facet: .cleanup, check: "subscriptions-return-to-baseline",
                message: "the probe never saw a subscription of this case, so its silence shows nothing"),
            isAbsence: true)
    }

    // MARK: Deliveries

    /// Every string inside `next` payloads, by subscription, that is the nonce of an event.
    struct Deliveries {
        var connection: String
        var id: String
        var nonces: [(nonce: String, sequence: Int)] = []
    }

    func deliveries() -> [Deliveries] {
        var found: [Deliveries] = []
        for name in self.state.connectionOrder where !name.hasPrefix("~") {
            guard let connection = self.state.connections[name] else { continue }
            var byID: [String: Deliveries] = [:]
            for sent in connection.sent where sent.type == "subscribe" || sent.type == "start" {
                guard let id = sent.id, byID[id] == nil else { continue }
                byID[id] = Deliveries(connection: name, id: id)
            }
            for item in connection.items where !item.isProbe {
                guard let id = item.id, let payload = item.json?["payload"] else { continue }
                for text in payload.strings where self.state.emissions[text] != nil {
                    byID[id, default: Deliveries(connection: name, id: id)].nonces.append((text, item.sequence))
                }
            }
            found.append(contentsOf: byID.values.sorted { $0.id < $1.id })
        }
        return found
    }

    func names(_ request: CheckRequest) -> Set<String>? {
        switch request.options["events"] {
        case .array(let items)?: Set(items.map(\.plainText))
        case let value?: [value.plainText]
        case nil: nil
        }
    }

    /// The topics that were named in what started an operation.
    func topics(_ delivery: Deliveries) -> Set<String> {
        let all = Set(self.state.emissions.values.map(\.emission.topic))
        var topics: Set<String> = []
        for sent in self.state.connections[delivery.connection]?.sent ?? [] where sent.id == delivery.id {
            guard let payload = sent.payload else { continue }
            let strings = payload["variables"]?.strings ?? []
            let query = payload["query"]?.stringValue ?? ""
            topics.formUnion(all.filter { strings.contains($0) || query.contains("\"\($0)\"") })
        }
        return topics
    }

    private mutating func checkDeliveries(_ request: CheckRequest, missing: Bool, twice: Bool, order: Bool) {
        let names = self.names(request)
        var looked = false
        for delivery in self.deliveries() {
            let topics = self.topics(delivery)
            let wanted = self.state.emissionOrder.filter { nonce in
                guard let emission = self.state.emissions[nonce]?.emission, !emission.name.hasPrefix("~") else {
                    return false
                }
                return topics.contains(emission.topic) && names?.contains(emission.name) ?? true
            }
            guard !wanted.isEmpty else { continue }
            looked = true
            let asked = Set(wanted)
            let came = delivery.nonces.filter { asked.contains($0.nonce) }
            let arrived = Set(came.map(\.nonce))
            let place = "\(delivery.connection)/\(delivery.id)"
            // Steps that ended early did not wait for what was emitted last.
            if missing, self.stepsEnd != .aborted {
                let absent = wanted.filter { nonce in
                    self.state.emissions[nonce]?.outcome == .ok && !arrived.contains(nonce)
                }
                if let first = absent.first {
                    self.add(
                        finding(
                            request, .fail, "\(absent.count) of \(wanted.count) events are missing on \(place)",
                            "missing events: \(first)", connection: delivery.connection))
                }
            }
            if twice {
                var seen: Set<String> = []
                if let double = came.first(where: { !seen.insert($0.nonce).inserted }) {
                    self.add(
                        finding(
                            request, .fail, "an event came twice on \(place)", "duplicate: \(double.nonce)",
                            connection: delivery.connection, records: [double.sequence]))
                }
            }
            if order {
                let order = Dictionary(zip(wanted, wanted.indices), uniquingKeysWith: { first, _ in first })
                let places = came.compactMap { order[$0.nonce] }
                if let index = zip(places, places.dropFirst()).enumerated().first(where: { $0.element.0 > $0.element.1 }
                ) {
                    self.add(
                        finding(
                            request, .fail, "events came in another order than they were emitted on \(place)",
                            "out of order: \(came[index.offset + 1].nonce)", connection: delivery.connection,
                            records: [came[index.offset + 1].sequence]))
                }
            }
        }
        if !looked {
            self.add(
                finding(request, .inconclusive, "no subscription to a topic with emitted events was found", ""),
                isAbsence: true)
        }
    }

    private mutating func checkNeverDelivered(_ request: CheckRequest) {
        let names = self.names(request)
        let nonces = self.state.emissions.values.filter { state in
            !state.emission.name.hasPrefix("~") && names?.contains(state.emission.name) ?? true
        }.map(\.emission.nonce)
        let only = request.options["to"]?.plainText
        let areKnown = self.state.emissions.values.contains { event in
            nonces.contains(event.emission.nonce)
                && (event.outcome == .ok || event.outcome == .failed && event.emission.hasToFail == true)
        }
        guard areKnown else {
            self.add(
                finding(request, .inconclusive, "none of these events is known to have been emitted", ""),
                isAbsence: nonces.allSatisfy { self.state.emissions[$0]?.outcome == nil })
            return
        }
        let scanner = NonceScanner(token: self.state.token, nonces: nonces)
        for name in self.state.connectionOrder where !name.hasPrefix("~") && (only == nil || only == name) {
            guard let connection = self.state.connections[name] else { continue }
            for (sequence, bytes) in connection.received {
                guard let nonce = scanner.nonces(in: bytes).first else { continue }
                self.add(
                    finding(
                        request, .fail, "an event reached \(name) that must not", "delivered: \(nonce)",
                        connection: name, records: [sequence]))
                break
            }
        }
    }

    private mutating func checkCrossTalk(_ request: CheckRequest) {
        var looked = false
        for delivery in self.deliveries() {
            let topics = self.topics(delivery)
            looked = looked || !topics.isEmpty
            for (nonce, sequence) in delivery.nonces {
                guard let emission = self.state.emissions[nonce]?.emission, !topics.contains(emission.topic) else {
                    continue
                }
                self.add(
                    finding(
                        request, .fail,
                        "\(delivery.connection)/\(delivery.id) received an event of the topic `\(emission.topic)`",
                        "foreign event: \(nonce)", connection: delivery.connection, records: [sequence]))
                break
            }
        }
        looked = self.checkTenants(request) || looked
        if !looked {
            self.add(
                finding(request, .inconclusive, "no subscription to an emitted topic was found", ""), isAbsence: true)
        }
    }

    /// No byte that a client received belongs to an event of another tenant. Whether anything could be looked at.
    private mutating func checkTenants(_ request: CheckRequest) -> Bool {
        var byTenant: [String: [String]] = [:]
        for (nonce, event) in self.state.emissions where event.outcome != .failed {
            if let tenant = event.emission.tenant { byTenant[tenant, default: []].append(nonce) }
        }
        guard !byTenant.isEmpty else { return false }
        var looked = false
        for name in self.state.connectionOrder where !name.hasPrefix("~") {
            guard let connection = self.state.connections[name], let own = connection.tenant else { continue }
            let foreign = byTenant.filter { $0.key != own }.flatMap(\.value)
            guard !foreign.isEmpty else { continue }
            looked = true
            let scanner = NonceScanner(token: self.state.token, nonces: foreign)
            for (sequence, bytes) in connection.received {
                guard let nonce = scanner.nonces(in: bytes).first else { continue }
                let tenant = self.state.emissions[nonce]?.emission.tenant ?? ""
                self.add(
                    finding(
                        request, .fail, "\(name) of the tenant `\(own)` received something of `\(tenant)`",
                        "foreign event: \(nonce)", connection: name, records: [sequence]))
                break
            }
        }
        return looked
    }

    private mutating func checkSecrets(_ request: CheckRequest) {
        let own = [
            "stacktrace", "Fatal error", ".swift:", "at Object.", "Traceback (most recent call last)", "redis://",
            "\tat ", Redaction.mark,
        ]
        let asked = request.options["words"]?.arrayValue?.map(\.plainText) ?? []
        for name in self.state.connectionOrder {
            guard let connection = self.state.connections[name] else { continue }
            for (sequence, bytes) in connection.received {
                let text = String(decoding: bytes, as: UTF8.self)
                guard let word = (own + asked).first(where: { text.contains($0) }) else { continue }
                self.add(
                    finding(
                        request, .fail, "internals were sent to \(name)", "secret: \(word)", connection: name,
                        records: [sequence]))
                break
            }
        }
    }
}

extension ConnectionState.Item {
    /// Everything that was received, as text.
    var rawText: String {
        switch self.content {
        case .message(let json): json.strings.joined(separator: "\u{0}")
        case .notJSON(let text, _): text
        case .notUTF8(let bytes), .binary(let bytes): String(decoding: bytes, as: UTF8.self)
        case .control(_, let payload): String(decoding: payload, as: UTF8.self)
        case .note(_, let text, _): text
        }
    }
}

extension JSON {
    /// Every string inside, member names included.
    var strings: [String] {
        switch self {
        case .string(let text): [text]
        case .array(let items): items.flatMap(\.strings)
        case .object(let members): members.flatMap { [$0.name] + $0.value.strings }
        default: []
        }
    }
}
