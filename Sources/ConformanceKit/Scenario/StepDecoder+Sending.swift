extension StepDecoder {
    private static let itemVerbs = ["init", "start", "subscribe", "complete", "send", "send_raw"]

    /// A step that writes one item.
    func single(_ verb: String, _ reader: inout ArgumentReader) throws(ScenarioError) -> Step.Action {
        let connection = try self.name("conn", &reader)
        let item = try self.item(verb, &reader)
        let split = ["send", "send_raw"].contains(verb) ? try self.split(&reader) : nil
        return .write(connection: connection, items: [item], split: split)
    }

    func burst(_ reader: inout ArgumentReader, scope: TemplateScope?) throws(ScenarioError) -> Step.Action {
        let connection = try self.name("conn", &reader)
        let times = try reader.int("times", in: 1...1_000_000) ?? 1
        let variable = try reader.string("as")
        let split = try self.split(&reader)
        var all: [WriteItem] = []
        for turn in 1...times {
            let inner = variable.flatMap { name in scope?.with(name, .int(turn)) } ?? scope
            guard let items = try self.items("items", &reader, scope: inner) else { throw reader.missing("items") }
            all.append(contentsOf: items)
            if self.context.isLint { break }
        }
        all.append(contentsOf: try self.items("then", &reader, scope: scope) ?? [])
        return .write(connection: connection, items: all, split: split)
    }

    func items(
        _ key: String, _ reader: inout ArgumentReader, scope: TemplateScope?
    ) throws(ScenarioError) -> [WriteItem]? {
        guard let node = reader.node(key) else { return nil }
        guard case .list(let nodes) = node.content else { throw reader.wrong(key, node, "a list of things to send") }
        var items: [WriteItem] = []
        for node in nodes {
            var node = node
            if let scope {
                do throws(UnknownTemplateName) {
                    node = try Template.fill(node, scope: scope)
                } catch {
                    throw self.context.error(at: node, "nothing is known as `{{\(error.name)}}`")
                }
            }
            let head = try self.head(of: node)
            guard Self.itemVerbs.contains(head.key) else {
                throw self.context.error(
                    at: node, "`\(head.key)` cannot be part of one write",
                    "possible: " + Self.itemVerbs.joined(separator: ", "))
            }
            var inner = try ArgumentReader(head.value, what: "`\(head.key)`", context: self.context)
            items.append(try self.item(head.key, &inner))
            try inner.finish()
        }
        return items
    }

    private func item(_ verb: String, _ reader: inout ArgumentReader) throws(ScenarioError) -> WriteItem {
        switch verb {
        case "init":
            if let token = try reader.string("token") {
                return .initialization(payload: reader.json("payload"), token: token)
            }
            var members: [JSON.Member] = [.init("type", .string("connection_init"))]
            if let payload = reader.json("payload") { members.append(.init("payload", payload)) }
            return .message(Generator.text(.object(members)))
        case "start": return .start(try self.operation(&reader))
        case "subscribe":
            guard let topic = try reader.string("topic") else { throw reader.missing("topic") }
            return .start(
                OperationStart(
                    id: try reader.string("id") ?? "1", kind: .stream(topic: topic, tenant: try reader.string("tenant"))
                ))
        case "complete":
            return .complete(id: try reader.string("id") ?? "1")
        case "send":
            let message = reader.json("message")
            let text = try reader.string("text")
            switch (message, text) {
            case (let message?, nil): return .message(try self.padded(Generator.text(message), &reader))
            case (nil, let text?): return .message(text)
            default: throw reader.missing("message", "or `text`, but not both")
            }
        default: return try self.raw(&reader)
        }
    }

    /// JSON text with white space behind it (RFC 8259 §2), up to `pad_to` bytes and `pad` more.
    func padded(_ text: String, _ reader: inout ArgumentReader) throws(ScenarioError) -> String {
        let least = try reader.size("pad_to") ?? 0
        let more = try reader.size("pad") ?? 0
        let missing = least - text.utf8.count
        if least > 0, missing < 0, let node = reader.node("pad_to"), !reader.isDeferred(node) {
            throw reader.wrong("pad_to", node, "at least the \(text.utf8.count) bytes that there are")
        }
        return text + String(repeating: " ", count: max(missing, 0) + more)
    }

    func operation(_ reader: inout ArgumentReader) throws(ScenarioError) -> OperationStart {
        let id = try reader.string("id") ?? "1"
        let payload = reader.json("payload")
        let query = try reader.string("query")
        let padding = try reader.size("pad") ?? 0
        var members: [JSON.Member] = []
        if let query {
            // A comment may hold any character but a line end.
            let comment = padding > 0 ? "\n#" + String(repeating: "x", count: padding) : ""
            members.append(.init("query", .string(query + comment)))
        }
        for key in ["variables", "operationName", "extensions"] {
            if let value = reader.json(key) { members.append(.init(key, value)) }
        }
        switch (payload, query) {
        case (let payload?, nil): return OperationStart(id: id, kind: .payload(Generator.text(payload)))
        case (nil, .some): return OperationStart(id: id, kind: .payload(Generator.text(.object(members))))
        default: throw reader.missing("query", "or `payload`, but not both")
        }
    }

    func split(_ reader: inout ArgumentReader) throws(ScenarioError) -> Split? {
        guard let node = reader.node("split") else { return nil }
        if reader.isDeferred(node) { return nil }
        switch node.content {
        case .value(.string("byte-by-byte")): return .byteByByte
        case .value(.string("whole")): return nil
        case .list(let items):
            var sizes: [Int] = []
            for item in items {
                guard let size = item.json.integer, size > 0 else {
                    throw reader.wrong("split", item, "sizes in bytes")
                }
                sizes.append(size)
            }
            return .sizes(sizes)
        default: throw reader.wrong("split", node, "byte-by-byte, whole or a list of sizes")
        }
    }

    private func raw(_ reader: inout ArgumentReader) throws(ScenarioError) -> WriteItem {
        let hex = try reader.string("hex")
        guard let node = reader.node("frames") else {
            guard let hex else { throw reader.missing("frames", "or `hex`") }
            if Template.isTemplate(hex) { return .bytes([]) }
            guard let bytes = Bytes.parse(hex: hex) else {
                throw reader.wrong("hex", reader.node("hex") ?? reader.node, "pairs of hexadecimal digits")
            }
            return .bytes(bytes)
        }
        guard hex == nil else { throw reader.context.error(at: node, "`frames` and `hex` cannot stand together") }
        guard case .list(let nodes) = node.content, !nodes.isEmpty else {
            throw reader.wrong("frames", node, "a list of frames")
        }
        var frames: [RawFrame] = []
        for node in nodes {
            var inner = try ArgumentReader(node, what: "a frame", context: self.context)
            frames.append(try self.frame(&inner))
            try inner.finish()
        }
        return .frames(frames)
    }

    private static let opcodes: [String: UInt8] = [
        "continuation": Opcode.continuation, "text": Opcode.text, "binary": Opcode.binary, "close": Opcode.close,
        "ping": Opcode.ping, "pong": Opcode.pong,
    ]

    private func frame(_ reader: inout ArgumentReader) throws(ScenarioError) -> RawFrame {
        guard let opcodeNode = reader.node("opcode") else { throw reader.missing("opcode") }
        var opcode: UInt8 = 0
        if !reader.isDeferred(opcodeNode) {
            let word = opcodeNode.json.plainText
            guard let value = Self.opcodes[word] ?? UInt8(word), value < 16 else {
                throw reader.wrong(
                    "opcode", opcodeNode, "0 to 15 or one of " + Self.opcodes.keys.sorted().joined(separator: ", "))
            }
            opcode = value
        }
        var rsv: UInt8 = 0
        if let node = reader.node("rsv"), !reader.isDeferred(node) {
            let bits: [JSON] =
                switch node.json {
                case .array(let items): items
                case let value: [value]
                }
            for bit in bits {
                guard let bit = bit.integer, (1...3).contains(bit) else {
                    throw reader.wrong("rsv", node, "a list of 1, 2 and 3")
                }
                rsv |= 1 << (3 - UInt8(bit))
            }
        }
        let hex = try reader.string("hex")
        let text = try reader.string("payload")
        guard hex == nil || text == nil else {
            throw reader.context.error(at: reader.node, "`payload` and `hex` cannot stand together")
        }
        var payload = Array((text ?? "").utf8)
        if let hex, !Template.isTemplate(hex) {
            guard let bytes = Bytes.parse(hex: hex) else {
                throw reader.wrong("hex", reader.node("hex") ?? reader.node, "pairs of hexadecimal digits")
            }
            payload = bytes
        }
        var mask: [UInt8]?
        if let digits = try reader.string("mask"), !Template.isTemplate(digits) {
            guard let bytes = Bytes.parse(hex: digits), bytes.count == 4 else {
                throw reader.wrong("mask", reader.node("mask") ?? reader.node, "8 hexadecimal digits")
            }
            mask = bytes
        }
        var lengthForm: Int?
        if let node = reader.node("length_form"), !reader.isDeferred(node) {
            switch node.json.integer {
            case 7: lengthForm = 0
            case 16: lengthForm = 2
            case 64: lengthForm = 8
            default: throw reader.wrong("length_form", node, "7, 16 or 64")
            }
        }
        var length: UInt64?
        if let digits = try reader.string("length"), !Template.isTemplate(digits) {
            guard let value = UInt64(digits) else {
                throw reader.wrong("length", reader.node("length") ?? reader.node, "a number of bytes")
            }
            length = value
        }
        return RawFrame(
            opcode: opcode, payload: payload, fin: try reader.bool("fin") ?? true, rsv: rsv,
            masked: try reader.bool("masked") ?? true, mask: mask, length: length, lengthForm: lengthForm)
    }
}
