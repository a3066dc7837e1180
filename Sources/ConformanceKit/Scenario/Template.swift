/// What `{{name}}` stands for while a case is played.
package struct TemplateScope: Sendable {
    /// Loop variables, saved values, axes and `u`, innermost last.
    private var layers: [[String: JSON]]
    private let profile: JSON

    package init(values: [String: JSON], profile: JSON) {
        self.layers = [values]
        self.profile = profile
    }

    /// A scope with one more variable that hides others of its name.
    package func with(_ name: String, _ value: JSON) -> TemplateScope {
        var scope = self
        scope.layers.append([name: value])
        return scope
    }

    /// The value of a dotted name, or nil.
    package func value(_ name: String) -> JSON? {
        if name.hasPrefix("profile.") { return self.profile.at(String(name.dropFirst("profile.".count))) }
        let head = String(name.prefix { $0 != "." })
        for layer in self.layers.reversed() {
            guard let value = layer[head] else { continue }
            return head == name ? value : value.at(String(name.dropFirst(head.count + 1)))
        }
        return nil
    }
}

/// A template that names something unknown.
package struct UnknownTemplateName: Error, Equatable {
    package var name: String
    package var line: Int
}

/// `{{name}}` in texts.
enum Template {
    /// Whether a text has a template in it.
    static func isTemplate(_ text: String) -> Bool { text.contains("{{") }

    /// The names in a text, in order.
    static func names(in text: String) -> [String] { self.pieces(of: text).compactMap(\.name) }

    private struct Piece {
        var literal: String
        var name: String?
    }

    private static func pieces(of text: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let open = rest.firstRange(of: "{{"), let close = rest[open.upperBound...].firstRange(of: "}}") {
            if rest.startIndex < open.lowerBound { pieces.append(Piece(literal: String(rest[..<open.lowerBound]))) }
            let name = rest[open.upperBound..<close.lowerBound].filter { $0 != " " }
            pieces.append(Piece(literal: "", name: String(name)))
            rest = rest[close.upperBound...]
        }
        if !rest.isEmpty { pieces.append(Piece(literal: String(rest))) }
        return pieces
    }

    /// The text with its templates filled in; a text that is one template keeps the type of the value.
    static func fill(_ text: String, line: Int, scope: TemplateScope) throws(UnknownTemplateName) -> JSON {
        guard self.isTemplate(text) else { return .string(text) }
        let pieces = self.pieces(of: text)
        if pieces.count == 1, let name = pieces.first?.name {
            guard let value = scope.value(name) else { throw UnknownTemplateName(name: name, line: line) }
            return value
        }
        var filled = ""
        for piece in pieces {
            if let name = piece.name {
                guard let value = scope.value(name) else { throw UnknownTemplateName(name: name, line: line) }
                filled += value.plainText
            } else {
                filled += piece.literal
            }
        }
        return .string(filled)
    }

    /// A node with every template filled in, except below the keys in `leaving` of the node itself.
    static func fill(
        _ node: ScenarioNode, scope: TemplateScope, leaving: Set<String> = []
    ) throws(UnknownTemplateName) -> ScenarioNode {
        switch node.content {
        case .value(.string(let text)) where self.isTemplate(text):
            return ScenarioNode(json: try self.fill(text, line: node.line, scope: scope), like: node)
        case .value: return node
        case .list(let items):
            var filled: [ScenarioNode] = []
            for item in items { filled.append(try self.fill(item, scope: scope)) }
            return ScenarioNode(content: .list(filled), line: node.line, column: node.column)
        case .map(let entries):
            var filled: [ScenarioNode.Entry] = []
            for entry in entries {
                var entry = entry
                if !leaving.contains(entry.key), !leaving.contains(StepDecoder.everything) {
                    if self.isTemplate(entry.key) {
                        entry.key = try self.fill(entry.key, line: entry.line, scope: scope).plainText
                    }
                    entry.value = try self.fill(entry.value, scope: scope)
                }
                filled.append(entry)
            }
            return ScenarioNode(content: .map(filled), line: node.line, column: node.column)
        }
    }
}

extension ScenarioNode {
    /// A JSON value at the place of another node.
    init(json: JSON, like node: ScenarioNode) {
        switch json {
        case .array(let items):
            self.init(
                content: .list(items.map { ScenarioNode(json: $0, like: node) }), line: node.line, column: node.column)
        case .object(let members):
            let entries = members.map {
                Entry(
                    key: $0.name, line: node.line, column: node.column, value: ScenarioNode(json: $0.value, like: node))
            }
            self.init(content: .map(entries), line: node.line, column: node.column)
        default:
            self.init(content: .value(json), line: node.line, column: node.column)
        }
    }
}
