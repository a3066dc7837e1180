import GraphQLCore
import NIOCore
import SubscriptionProtocols

/// Stands between the producer of an event stream and its connection, and says what a misbehaving server says. Bound to
/// the event loop of the connection.
final class DeviatingBody: HTTPBodyTarget, HTTPBodyProducer {
    private let misbehaviour: Misbehaviour
    private let body: HTTPBodyWriter
    private var producer: (any HTTPBodyProducer)?
    private var writer: HTTPBodyWriter?
    /// What goes out with the next event only.
    private var held = ""
    /// Whether the stream has begun, and whether it had a result.
    private var hasBegun = false
    private var hadResult = false
    private var hasEnded = false
    /// Whether the first result is all that is sent.
    var answersOnce = false
    /// Told of the id of each event, where there is one.
    var told: ((String) -> Void)?
    /// Called once, when nothing more will come.
    var ended: (() -> Void)?

    init(_ misbehaviour: Misbehaviour, behind body: HTTPBodyWriter) {
        self.misbehaviour = misbehaviour
        self.body = body
    }

    deinit {
        self.ended?()
    }

    func begin(_ producer: any HTTPBodyProducer, _ writer: HTTPBodyWriter) {
        guard !self.hasEnded else { return }
        self.producer = producer
        self.writer = writer
    }

    // MARK: From the connection

    func disconnected() {
        let producer = self.producer
        self.close()
        if self.misbehaviour != .sseSourceKeptOnLeave {
            producer?.disconnected()
        }
    }

    func goAway() {
        self.producer?.goAway()
    }

    func blocked(_ isBlocked: Bool) {
        self.producer?.blocked(isBlocked)
    }

    private func close() {
        self.hasEnded = true
        self.ended?()
        self.ended = nil
        self.writer?.detach()
        self.writer = nil
        self.producer = nil
    }

    // MARK: From the producer

    func cutBody() {
        self.endBody()
    }

    /// Ends the body with the first result in it, which is all that is sent.
    private func answer(with block: String) {
        guard block.hasPrefix("event: next\ndata: ") else { return }
        let producer = self.producer
        self.close()
        self.body.write(block.dropFirst(18).utf8)
        self.body.end()
        producer?.disconnected()
    }

    func writeBody(_ pieces: [ByteBuffer]) {
        var text = self.held
        self.held = ""
        for block in pieces.map({ String(buffer: $0) }).joined().split(separator: "\n\n") {
            let block = String(block)
            if self.answersOnce {
                self.answer(with: block)
                guard self.hasEnded else { continue }
                return
            }
            if self.misbehaviour == .sseSourceErrorEndsStream, self.isSourceError(block) {
                let producer = self.producer
                self.close()
                self.body.write(text.utf8)
                self.body.end()
                producer?.disconnected()
                return
            }
            text += self.rewritten(block)
        }
        if self.misbehaviour == .sseEventsHeldBack, self.hasBegun {
            // Everything but the last event goes out.
            let blocks = text.split(separator: "\n\n").map { "\($0)\n\n" }
            self.held = blocks.last ?? ""
            text = blocks.dropLast().joined()
        }
        self.hasBegun = true
        guard !text.isEmpty else { return }
        self.body.write(text.utf8)
        self.body.flush()
    }

    func endBody() {
        self.hasEnded = true
        self.ended?()
        self.ended = nil
        self.producer = nil
        self.writer = nil
        self.body.write(self.held.utf8)
        self.held = ""
        switch self.misbehaviour {
        case .sseOpenAfterComplete: self.body.flush()
        case .sseCutAtEnd: self.body.cut()
        default: self.body.end()
        }
    }

    /// A block with the blank line behind it; the empty string for nothing.
    private func rewritten(_ block: String) -> String {
        let lines = block.split(separator: "\n", maxSplits: 1).map(String.init)
        switch lines.first {
        case "event: next":
            defer { self.hadResult = true }
            if let told = self.told, let id = self.json(String(block.dropFirst(18)))?["id"]?.stringValue { told(id) }
            return self.rewrittenNext(block, data: String(lines.last?.dropFirst(6) ?? ""))
        case "event: complete": return self.rewrittenComplete(block, data: lines.last ?? "")
        case ":" where self.hasBegun:
            switch self.misbehaviour {
            case .sseNoKeepAlive: return ""
            case .sseKeepAliveAsEvent: return "event: next\ndata: {}\n\n"
            default: return block + "\n\n"
            }
        default: return block + "\n\n"
        }
    }

    private func rewrittenNext(_ block: String, data: String) -> String {
        switch self.misbehaviour {
        case .sseUnnamedEvents: return "data: \(data)\n\n"
        case .sseEventNamePadded: return "event: next \ndata: \(data)\n\n"
        case .sseEnvelopeInDistinct where self.json(data)?["id"] == nil:
            return #"event: next\#ndata: {"id":"1","payload":\#(data)}"# + "\n\n"
        case .sseNoEnvelope:
            guard let payload = self.json(data)?["payload"] else { return block + "\n\n" }
            return "event: next\ndata: \(payload.text)\n\n"
        case .sseSourceErrorAsComplete where self.isSourceError(block): return ""
        case .sseFieldErrorsDropped:
            guard case .object(var members)? = self.json(data) else { return block + "\n\n" }
            if var payload = members["payload"]?.objectValue, payload["data"] != nil {
                payload["errors"] = nil
                members["payload"] = .object(payload)
            } else if members["data"] != nil {
                members["errors"] = nil
            }
            return "event: next\ndata: \(JSONValue.object(members).text)\n\n"
        case .sseRawNewlines:
            return block.replacing("\\n", with: "\n").replacing("\\r", with: "\r") + "\n\n"
        default: return block + "\n\n"
        }
    }

    private func rewrittenComplete(_ block: String, data: String) -> String {
        switch self.misbehaviour {
        case .sseNoComplete: return ""
        case .sseCompleteTwice: return block + "\n\n" + block + "\n\n"
        case .sseCompleteWithoutData: return "event: complete\n\n"
        case .sseCompleteDataNull where data == "data:": return "event: complete\ndata: null\n\n"
        case .sseUnnamedEvents: return "\(data)\n\n"
        case .sseLastEventUnended where data == "data:": return block + "\n"
        default: return block + "\n\n"
        }
    }

    /// Whether a block says that a source broke off.
    private func isSourceError(_ block: String) -> Bool {
        guard self.hadResult, block.hasPrefix("event: next\ndata: "), let data = self.json(String(block.dropFirst(18)))
        else { return false }
        let result = data["payload"] ?? data
        return result["data"] == nil && result["errors"] != nil
    }

    private func json(_ text: String) -> JSONValue? {
        try? JSONReader.read(text)
    }
}
