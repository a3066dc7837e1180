/// What is known of a case after some of its records. The player and the judge both build it by applying records in
/// order, so that they cannot see different things.
package struct CaseState: Sendable {
    package struct EmissionState: Sendable {
        package var emission: HistoryRecord.Emission
        package var time: UInt64
        package var sequence: Int
        package var outcome: HistoryRecord.EmitOutcome?
        package var detail: String
    }

    package var token = ""
    package var values: JSON = .object([])
    package var connections: [String: ConnectionState] = [:]
    /// Names of connections in the order in which they were opened.
    package var connectionOrder: [String] = []
    package var emissions: [String: EmissionState] = [:]
    /// Nonces in the order of emission.
    package var emissionOrder: [String] = []
    /// By name: events that are not known to have failed.
    package var emissionCounts: [String: Int] = [:]
    package var observations: [String: (value: JSON, sequence: Int)] = [:]
    /// The first value of each source.
    package var firstObserved: [String: JSON] = [:]
    /// Faults by name, in the order in which they began.
    package var faults: [FaultState] = []
    /// The highest value ever observed, of sources that gave a number.
    package var highest: [String: Double] = [:]

    package init() {}

    /// Begins the nonce of a probe.
    package static func probeMark(token: String) -> String { "\(token)~probe~" }

    /// Applies one record. Returns the item that it completed, if any.
    @discardableResult
    package mutating func apply(_ record: HistoryRecord) -> ConnectionState.Item? {
        switch record.event {
        case .caseStarted(let token, let values):
            self.token = token
            self.values = values
        case .emitting(let emission):
            self.emissions[emission.nonce] = EmissionState(
                emission: emission, time: record.time, sequence: record.sequence, detail: "")
            self.emissionOrder.append(emission.nonce)
            self.emissionCounts[emission.name, default: 0] += 1
        case .emitted(let nonce, let outcome, let detail):
            self.emissions[nonce]?.outcome = outcome
            if outcome == .failed, let name = self.emissions[nonce]?.emission.name {
                self.emissionCounts[name, default: 1] -= 1
            }
            self.emissions[nonce]?.detail = detail
        case .fault(let name, let phase, _): self.apply(phase, of: name, record)
        case .observed(let source, let value):
            self.observations[source] = (value, record.sequence)
            if self.firstObserved[source] == nil { self.firstObserved[source] = value }
            if let number = value.doubleValue { self.highest[source] = max(self.highest[source] ?? number, number) }
        default:
            guard let name = record.connection else { return nil }
            if self.connections[name] == nil {
                self.connections[name] = ConnectionState(name: name)
                self.connectionOrder.append(name)
            } else if case .connecting = record.event {
                // A refused client that comes again: what it was refused with is no part of what follows.
                self.connections[name] = ConnectionState(name: name)
            }
            return self.connections[name]?.apply(record, probeMark: CaseState.probeMark(token: self.token))
        }
        return nil
    }

    /// A fault and its times; nil for what has not happened.
    package struct FaultState: Sendable {
        package var name: String
        package var began: UInt64
        package var seen: UInt64?
        package var healed: UInt64?
    }

    private mutating func apply(_ phase: HistoryRecord.FaultPhase, of name: String, _ record: HistoryRecord) {
        if phase == .begins { self.faults.append(FaultState(name: name, began: record.time)) }
        guard let index = self.faults.lastIndex(where: { $0.name == name }) else { return }
        switch phase {
        case .begins, .heals: return
        case .seen: self.faults[index].seen = record.time
        case .healed: self.faults[index].healed = record.time
        }
    }

    /// Marks items as used up.
    package mutating func consume(_ indices: [Int], of connection: String) {
        self.connections[connection]?.consume(indices)
    }
}

extension ConnectionState {
    mutating func apply(_ record: HistoryRecord, probeMark: String) -> Item? {
        func mark(_ text: String) -> Mark { Mark(sequence: record.sequence, time: record.time, text: text) }
        switch record.event {
        case .connecting(_, let transport, let offered):
            self.transport = transport
            self.offered = offered
            self.wasOpenedToInitialise = record.step?.contains(" open") ?? false || self.name.hasPrefix("~")
        case .connectFailed(let reason): self.connectFailed = mark(reason)
        case .responseReceived(let response):
            self.response = (response, record.sequence)
            self.openedAt = record.time
        case .frameSent(let frame): self.applySent(frame, record)
        case .bytesSent: self.sentOpaque = true
        case .frameReceived(let frame): return self.applyReceived(frame, record, probeMark)
        case .unreadable(let reason, _): self.unreadable = mark(reason)
        case .ended(let how): if self.ended == nil { self.ended = mark(how.rawValue) }
        case .dropped: self.leftAt = self.leftAt ?? record.sequence
        case .fencePassed: self.lastFence = record.sequence
        case .identified(_, let tenant): self.tenant = tenant
        case .httpSent, .httpHead, .httpBytes, .httpLeft, .httpEnded: self.applyHTTP(record, probeMark: probeMark)
        default: break
        }
        return nil
    }

    private mutating func applySent(_ frame: WireFrame, _ record: HistoryRecord) {
        let sequence = record.sequence
        if frame.opcode == Opcode.close { self.leftAt = self.leftAt ?? sequence }
        guard frame.opcode < 3, let message = self.sending.add(frame) else { return }
        guard message.opcode == Opcode.text, message.payload.count < 1 << 20,
            let json = try? JSONParser.parse(message.payload)
        else {
            self.sentOpaque = true
            return
        }
        let type = json["type"]?.stringValue
        if type == "ping" { self.pingsSent += 1 }
        if type == "connection_init" { self.initSentAt = self.initSentAt ?? record.time }
        let starts = type == "subscribe" || type == "start"
        self.sent.append(
            Sent(
                sequence: sequence, type: type, id: json["id"]?.stringValue,
                payload: starts && message.payload.count < 1 << 16 ? json["payload"] : nil))
    }

    private mutating func applyReceived(_ frame: WireFrame, _ record: HistoryRecord, _ probeMark: String) -> Item? {
        if self.close != nil { self.framesAfterClose.append(record.sequence) }
        for problem in FrameRules.problems(of: frame) {
            self.frameProblems.append((record.sequence, problem))
        }
        let content: Item.Content
        switch frame.opcode {
        case Opcode.close:
            let payload = frame.payload.bytes
            let code = payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : nil
            if self.close == nil {
                self.close = Close(
                    sequence: record.sequence, time: record.time, code: code, reason: Array(payload.dropFirst(2)))
            }
            return nil
        case Opcode.ping, Opcode.pong: content = .control(opcode: frame.opcode, payload: frame.payload.bytes)
        case Opcode.continuation, Opcode.text, Opcode.binary:
            guard let message = self.receiving.add(frame) else { return nil }
            content = Self.content(of: message)
        default: return nil
        }
        var item = Item(
            sequence: record.sequence, time: record.time, content: content, isProbe: false,
            isAfterLeaving: self.leftAt != nil)
        if case .message(let json) = content {
            item.id = json["id"]?.stringValue
            item.type = json["type"]?.stringValue
            if item.type == "pong" { self.pongsReceived += 1 }
            if item.type == "next" || item.type == "data" {
                item.isProbe = json["payload"]?.contains(text: probeMark) ?? false
            }
            if item.isOwn { item.isProbe = true }
        }
        self.add(item)
        return item
    }

    private static func content(of message: (opcode: UInt8, payload: [UInt8])) -> Item.Content {
        guard message.opcode == Opcode.text else { return .binary(message.payload) }
        guard let text = String(validating: message.payload, as: UTF8.self) else { return .notUTF8(message.payload) }
        do throws(JSONProblem) {
            return .message(try JSONParser.parse(message.payload))
        } catch {
            return .notJSON(text: text, why: error.description)
        }
    }
}

extension JSON {
    /// Whether a string anywhere inside contains a text.
    func contains(text: String) -> Bool {
        switch self {
        // Nonces stand alone, or in short texts; a large one is not searched.
        case .string(let string): string.utf8.count < 1_024 && string.contains(text)
        case .array(let items): items.contains { $0.contains(text: text) }
        case .object(let members): members.contains { $0.value.contains(text: text) }
        default: false
        }
    }
}

/// What RFC 6455 asks of every frame of a server.
enum FrameRules {
    static func problems(of frame: WireFrame) -> [String] {
        var problems: [String] = []
        if frame.masked { problems.append("the frame is masked (RFC 6455 §5.1)") }
        if frame.rsv != 0 { problems.append("a reserved bit is set without an extension (RFC 6455 §5.2)") }
        if (3...7).contains(frame.opcode) || frame.opcode > 10 {
            problems.append("the opcode \(frame.opcode) is reserved (RFC 6455 §5.2)")
        }
        let count = frame.payload.bytes.count
        if frame.lengthForm != WireFrame.shortestForm(count) {
            problems.append("the length \(count) is not in its shortest form (RFC 6455 §5.2)")
        }
        guard frame.opcode >= 8 else { return problems }
        if !frame.fin { problems.append("a control frame is fragmented (RFC 6455 §5.5)") }
        if count > 125 { problems.append("a control frame has \(count) bytes of payload (RFC 6455 §5.5)") }
        guard frame.opcode == Opcode.close else { return problems }
        if count == 1 { problems.append("a close frame has one byte of payload (RFC 6455 §5.5.1)") }
        guard count >= 2 else { return problems }
        let code = Int(frame.payload.bytes[0]) << 8 | Int(frame.payload.bytes[1])
        let mayBeSent = (1000...1003).contains(code) || (1007...1014).contains(code) || (3000...4999).contains(code)
        if !mayBeSent { problems.append("the close code \(code) must not be sent (RFC 6455 §7.4)") }
        if String(validating: frame.payload.bytes.dropFirst(2), as: UTF8.self) == nil {
            problems.append("the close reason is not UTF-8 (RFC 6455 §5.5.1)")
        }
        return problems
    }
}
