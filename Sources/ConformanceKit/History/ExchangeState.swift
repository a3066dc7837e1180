/// What is known of one HTTP request and its answer after some records.
package struct ExchangeState: Sendable {
    package var sent: HTTPSent
    package var sequence: Int
    package var head: TransferHead?
    /// Only of answers that are no event stream.
    package var body: [UInt8] = []
    package var end: (end: TransferEnd, sequence: Int)?
    /// The scenario ended it.
    package var leftAt: Int?
    var reader: EventStreamReader?

    /// Whether the answer is an event stream that is read as one.
    package var isEventStream: Bool { self.reader != nil }

    /// The media type of the answer without parameters, in lower case.
    package var mediaType: String? { self.head?.mediaType }
}

extension TransferHead {
    /// The media type without parameters, in lower case.
    package var mediaType: String? {
        self.values("Content-Type").first.map { value in
            value.prefix { $0 != ";" }.filter { !$0.isWhitespace }.lowercased()
        }
    }
}

extension ConnectionState {
    /// Takes a record of HTTP.
    mutating func applyHTTP(_ record: HistoryRecord, probeMark: String) {
        switch record.event {
        case .httpSent(let number, let sent): self.start(number, sent, record)
        case .httpHead(let number, let head): self.take(head, of: number, record)
        case .httpBytes(let number, let bytes): self.take(bytes.bytes, of: number, record, probeMark)
        case .httpLeft(let number, _): self.exchanges[number]?.leftAt = record.sequence
        case .httpEnded(let number, let end): self.finish(number, end, record)
        default: return
        }
    }

    private mutating func start(_ number: Int, _ sent: HTTPSent, _ record: HistoryRecord) {
        self.exchanges[number] = ExchangeState(sent: sent, sequence: record.sequence)
        // A new request makes a connection that had run dry a living one again.
        if sent.role == .distinct || sent.role == .shared { self.ended = nil }
        guard let operation = sent.operation else { return }
        let isEnd = sent.method == "DELETE"
        let payload = sent.body.flatMap { $0.bytes.count < 1 << 16 ? try? JSONParser.parse($0.bytes) : nil }
        self.sent.append(
            Sent(
                sequence: record.sequence, type: isEnd ? "complete" : "subscribe", id: operation,
                payload: isEnd ? nil : payload))
    }

    private mutating func take(_ head: TransferHead, of number: Int, _ record: HistoryRecord) {
        guard var exchange = self.exchanges[number] else { return }
        exchange.head = head
        self.openedAt = self.openedAt ?? record.time
        let isStream = head.mediaType == "text/event-stream"
        switch exchange.sent.role {
        case .answer where isStream, .distinct where isStream && head.status == 200, .shared where isStream:
            exchange.reader = EventStreamReader()
            if exchange.sent.role == .answer { self.response = (Self.response(head, body: []), record.sequence) }
        default: break
        }
        self.exchanges[number] = exchange
    }

    private static func response(_ head: TransferHead, body: [UInt8]) -> WireResponse {
        WireResponse(
            status: head.status, headers: head.headers.map { .init($0.name, $0.value) }, head: head.raw.bytes,
            body: body, version: head.version)
    }

    private mutating func take(_ bytes: [UInt8], of number: Int, _ record: HistoryRecord, _ probeMark: String) {
        guard self.exchanges[number] != nil else { return }
        guard let output = self.exchanges[number]?.reader?.append(bytes) else {
            self.exchanges[number]?.body.append(contentsOf: bytes)
            return
        }
        for part in output { self.add(part, number, record, probeMark) }
    }

    private mutating func add(
        _ part: EventStreamReader.Output, _ number: Int, _ record: HistoryRecord, _ probeMark: String
    ) {
        guard let exchange = self.exchanges[number] else { return }
        let isAfterLeaving = self.leftAt != nil || exchange.leftAt != nil
        func item(_ content: Item.Content) -> Item {
            Item(
                sequence: record.sequence, time: record.time, content: content, isProbe: false,
                isAfterLeaving: isAfterLeaving)
        }
        switch part {
        case .event(let event):
            let message = Self.message(of: event, exchange.sent)
            var item = item(.message(message))
            item.id = message["id"]?.stringValue
            item.type = event.name
            if item.isOwn {
                item.isProbe = true
            } else if event.name == "next" {
                item.isProbe = message["payload"]?.contains(text: probeMark) ?? false
            }
            self.add(item)
        case .comment(let text):
            self.add(item(.note(kind: "comment", text: text, operation: exchange.sent.operation)))
        case .retry(let text):
            self.add(item(.note(kind: "retry", text: text, operation: exchange.sent.operation)))
        case .problem(let row, let message):
            if !isAfterLeaving { self.streamProblems.append((record.sequence, row, message)) }
        }
    }

    /// An event as a message: `type`, `id`, `payload` as in the WebSocket dialects; `data` with the text if it is no JSON;
    /// `data_lines`.
    private static func message(of event: ServerSentEvent, _ sent: HTTPSent) -> JSON {
        let data = try? JSONParser.parse(Array(event.data.utf8))
        var members: [JSON.Member] = [.init("type", .string(event.name))]
        if sent.role == .shared, let data, data.members != nil {
            if let id = data["id"] { members.append(.init("id", id)) }
            if let payload = data["payload"] { members.append(.init("payload", payload)) }
            for member in data.members ?? [] where member.name != "id" && member.name != "payload" {
                members.append(member)
            }
        } else {
            if let operation = sent.operation { members.append(.init("id", .string(operation))) }
            if let data { members.append(.init("payload", data)) }
        }
        if data == nil { members.append(.init("data", .string(event.data))) }
        members.append(.init("data_lines", .int(event.dataLines)))
        if !event.lastID.isEmpty { members.append(.init("event_id", .string(event.lastID))) }
        return .object(members)
    }

    private mutating func finish(_ number: Int, _ end: TransferEnd, _ record: HistoryRecord) {
        guard var exchange = self.exchanges[number] else { return }
        exchange.end = (end, record.sequence)
        let hasLeft = exchange.leftAt != nil || self.leftAt != nil
        self.exchanges[number] = exchange
        if exchange.isEventStream {
            for case .problem(let row, let message) in exchange.reader?.finish() ?? [] where !hasLeft {
                self.streamProblems.append((record.sequence, row, message))
            }
            self.exchanges[number]?.reader = EventStreamReader()
            if end.kind != .local {
                self.add(
                    Item(
                        sequence: record.sequence, time: record.time,
                        content: .note(kind: "end", text: end.kind.rawValue, operation: exchange.sent.operation),
                        isProbe: false, isAfterLeaving: hasLeft))
            }
        } else {
            self.finishPlain(exchange, end, record)
        }
        let isOpen = self.exchanges.values.contains { $0.end == nil && $0.sent.role != .request }
        let isStream = exchange.sent.role != .request && exchange.sent.role != .reserve
        if isStream, !isOpen, end.kind != .local {
            self.ended = Mark(sequence: record.sequence, time: record.time, text: end.kind.rawValue)
        }
    }

    /// An answer that is no event stream.
    private mutating func finishPlain(_ exchange: ExchangeState, _ end: TransferEnd, _ record: HistoryRecord) {
        guard let head = exchange.head, end.kind == .clean || end.kind == .cut else {
            if end.kind == .refused || end.kind == .tls {
                self.connectFailed = Mark(sequence: record.sequence, time: record.time, text: end.detail)
            }
            return
        }
        let isAccepted = (200..<300).contains(head.status)
        switch exchange.sent.role {
        case .answer:
            // A body that was cut off is no answer.
            if end.kind == .clean { self.response = (Self.response(head, body: exchange.body), record.sequence) }
        case .request where !isAccepted, .distinct:
            self.add(self.refusal(exchange, head, record))
        default: return
        }
    }

    /// An operation that was answered with a plain HTTP answer: `{"type":"refused","id":…,"status":400,"payload":…}`.
    private func refusal(_ exchange: ExchangeState, _ head: TransferHead, _ record: HistoryRecord) -> Item {
        var members: [JSON.Member] = [.init("type", .string("refused"))]
        if let operation = exchange.sent.operation { members.append(.init("id", .string(operation))) }
        members.append(.init("status", .int(head.status)))
        if let json = try? JSONParser.parse(exchange.body) {
            members.append(.init("payload", json))
        } else if !exchange.body.isEmpty {
            members.append(.init("data", .string(String(decoding: exchange.body, as: UTF8.self))))
        }
        var item = Item(
            sequence: record.sequence, time: record.time, content: .message(.object(members)), isProbe: false,
            isAfterLeaving: exchange.leftAt != nil || self.leftAt != nil)
        item.id = exchange.sent.operation
        item.type = "refused"
        item.isProbe = item.isOwn
        return item
    }
}
