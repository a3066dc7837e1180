/// What introspection tells of a schema, as far as a profile needs it.
package struct SchemaSketch: Sendable, Equatable {
    package var query: [Field]
    package var mutation: [Field]
    package var subscription: [Field]
    /// The fields of every object and interface type.
    private var types: [String: [Field]]

    package struct Field: Sendable, Equatable {
        package var name: String
        package var arguments: [Argument]
        package var type: TypeSketch
    }

    package struct Argument: Sendable, Equatable {
        package var name: String
        package var type: TypeSketch
        package var hasDefault: Bool
    }

    /// A type with its modifiers.
    package struct TypeSketch: Sendable, Equatable {
        /// As GraphQL writes it: `[String!]!`.
        package var text: String
        /// The type without modifiers.
        package var name: String
        /// `SCALAR`, `OBJECT` and so on, of the type without modifiers.
        package var kind: String
        package var isList: Bool
        package var isRequired: Bool { self.text.hasSuffix("!") }
    }

    /// The query that asks for it (GraphQL §4).
    package static let document =
        "query { __schema { queryType { name } mutationType { name } subscriptionType { name } "
        + "types { kind name fields { name args { name defaultValue type { ...T } } type { ...T } } } } } "
        + "fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }"

    /// Reads the value of `data.__schema`; `nil` if it is none.
    package init?(_ schema: JSON) {
        guard let list = schema["types"]?.arrayValue else { return nil }
        var types: [String: [Field]] = [:]
        for type in list {
            guard let name = type["name"]?.stringValue, let fields = type["fields"]?.arrayValue else { continue }
            types[name] = fields.compactMap(Self.field)
        }
        func root(_ key: String) -> [Field] { schema.at("\(key).name")?.stringValue.flatMap { types[$0] } ?? [] }
        self.query = root("queryType")
        self.mutation = root("mutationType")
        self.subscription = root("subscriptionType")
        self.types = types
    }

    private static func field(_ json: JSON) -> Field? {
        guard let name = json["name"]?.stringValue, let type = json["type"].flatMap(self.type) else { return nil }
        let arguments = (json["args"]?.arrayValue ?? []).compactMap { argument -> Argument? in
            guard let name = argument["name"]?.stringValue, let type = argument["type"].flatMap(self.type) else {
                return nil
            }
            return Argument(name: name, type: type, hasDefault: argument["defaultValue"]?.stringValue != nil)
        }
        return Field(name: name, arguments: arguments, type: type)
    }

    private static func type(_ json: JSON) -> TypeSketch? {
        guard let kind = json["kind"]?.stringValue else { return nil }
        if let name = json["name"]?.stringValue {
            return TypeSketch(text: name, name: name, kind: kind, isList: false)
        }
        guard var inner = json["ofType"].flatMap(self.type) else { return nil }
        if kind == "LIST" {
            inner.text = "[\(inner.text)]"
            inner.isList = true
        } else {
            inner.text += "!"
        }
        return inner
    }

    // MARK: Choosing

    /// A subscription that a suite may use.
    package struct Candidate: Sendable, Equatable {
        package var field: Field
        /// The argument that takes the topic; `nil` if it has none.
        package var topic: Argument?
        /// The names of the fields from the root to a text; `nil` if there is none to be found.
        package var nonce: [String]?
        /// Arguments that have to be given and that the runner cannot guess.
        package var unknown: [Argument]
        /// Whether a mutation that takes a text has an argument of the topic's name.
        package var hasAkinEmitter = false

        /// The higher the better suited: a topic that can be chosen, a text that comes back, best as the result itself, and
        /// a mutation that seems to be about the same thing.
        var score: Int {
            let way = self.nonce.map { $0.count == 1 ? 3 : 2 } ?? 0
            return (self.topic == nil ? 0 : 2) + way + (self.hasAkinEmitter ? 1 : 0) - 3 * self.unknown.count
        }
    }

    /// Every subscription, best suited first.
    package var candidates: [Candidate] {
        self.subscription.map(self.candidate).enumerated()
            .sorted { ($0.element.score, $1.offset) > ($1.element.score, $0.offset) }.map(\.element)
    }

    private func candidate(_ field: Field) -> Candidate {
        let texts = field.arguments.filter { ["String", "ID"].contains($0.type.name) && !$0.type.isList }
        let topic =
            texts.first { ["topic", "channel", "room", "id", "key", "name"].contains($0.name.lowercased()) }
            ?? texts.first
        let unknown = field.arguments.filter { $0.type.isRequired && !$0.hasDefault && $0 != topic }
        var candidate = Candidate(field: field, topic: topic, nonce: nil, unknown: unknown)
        let emitter = self.emitter(for: candidate)
        candidate.hasAkinEmitter = emitter.map { $0.topic?.name == topic?.name } ?? false
        candidate.nonce = self.text(in: field, depth: 3, sent: emitter?.text.name, topic: topic?.name)
        return candidate
    }

    /// The way to a text inside a field, no deeper than so many objects: best to the one that has the name of what is
    /// sent, and to the one that only repeats the topic if there is no other.
    private func text(in field: Field, depth: Int, sent: String?, topic: String?) -> [String]? {
        if field.type.isList { return nil }
        if field.type.name == "String" || field.type.name == "ID" { return [field.name] }
        guard depth > 0, let fields = self.types[field.type.name] else { return nil }
        let free = fields.filter { !$0.arguments.contains { $0.type.isRequired && !$0.hasDefault } }
        // A text is better than an id, which a server makes up itself.
        let texts = free.filter { $0.type.name == "String" && !$0.type.isList }
        let best = texts.first { $0.name == sent } ?? texts.first { $0.name != topic }
        if let best { return [field.name, best.name] }
        for inner in free where inner.name != topic {
            if let rest = self.text(in: inner, depth: depth - 1, sent: sent, topic: topic) {
                return [field.name] + rest
            }
        }
        return texts.first.map { [field.name, $0.name] }
    }

    /// The mutation that most likely makes an event of a subscription happen: it takes a topic (if there is one) and a text.
    package func emitter(for candidate: Candidate) -> (field: Field, topic: Argument?, text: Argument)? {
        let verbs = ["publish", "send", "post", "emit", "create", "add", "touch", "update"]
        func rank(_ field: Field) -> Int {
            let verb = verbs.firstIndex { field.name.lowercased().hasPrefix($0) } ?? verbs.count
            // One that takes an argument of the topic's name is about the same thing.
            let isAkin = candidate.topic.map { topic in field.arguments.contains { $0.name == topic.name } } ?? true
            return isAkin ? verb : verb + verbs.count + 1
        }
        for field in self.mutation.enumerated().sorted(by: {
            (rank($0.element), $0.offset) < (rank($1.element), $1.offset)
        })
        .map(\.element) {
            var texts = field.arguments.filter { ["String", "ID"].contains($0.type.name) && !$0.type.isList }
            guard !field.arguments.contains(where: { $0.type.isRequired && !$0.hasDefault && !texts.contains($0) })
            else {
                continue
            }
            var topic: Argument?
            if let wanted = candidate.topic {
                guard let index = texts.firstIndex(where: { $0.name == wanted.name }) ?? texts.indices.first,
                    texts.count >= 2
                else { continue }
                topic = texts.remove(at: index)
            }
            if let text = texts.first { return (field, topic, text) }
        }
        return nil
    }

    /// The selection of a field down to the names, or `{ __typename }` for an object without a way.
    package func selection(_ field: Field, way: [String]?) -> String {
        if let way, way.count > 1 {
            return way.dropFirst().reversed().reduce("") { inner, name in " { \(name)\(inner) }" }
        }
        return self.types[field.type.name] == nil && !["UNION"].contains(field.type.kind) ? "" : " { __typename }"
    }
}
