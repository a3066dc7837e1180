import GraphQLCore
import Synchronization

/// A schema whose objects are read from JSON, with a few fields that compute; `execution.py` has the same.
///
/// In the data `{"$error": message}` stands for a field that fails, and `$type` names the type of an object.
struct ExecutionWorld {
    private let engine: GraphQLEngine
    /// The same with every resolver asynchronous.
    private let asynchronousEngine: GraphQLEngine

    /// - Throws: `SchemaErrors`.
    init(schema: Schema, data: JSONValue) throws {
        var resolvers = Resolvers()
        for field in schema.queryType.fieldSet {
            let value = Self.value(data[field.name] ?? .null)
            resolvers.field(schema.queryType.name, field.name) { _ in value }
        }
        for (type, field, resolver) in Self.computedFields + Self.mutations {
            resolvers.field(type, field, resolver)
        }
        resolvers.scalar("Even", Self.even)
        self.engine = try GraphQLEngine(schema: schema, resolvers: resolvers)
        Self.makeAsynchronous(&resolvers, schema: schema, data: data)
        self.asynchronousEngine = try GraphQLEngine(schema: schema, resolvers: resolvers)
    }

    /// The whole response to a request as text; only `invalid` where the document itself is refused.
    func answer(_ request: JSONValue) async -> JSONValue {
        let isAsynchronous = request["asynchronous"] == true
        let request = GraphQLRequest(
            query: request["text"]?.stringValue ?? "", operationName: request["operationName"]?.stringValue,
            variables: request["variables"]?.objectValue)
        let engine = isAsynchronous ? self.asynchronousEngine : self.engine
        let body: [UInt8]
        switch engine.prepare(request) {
        case .failure(let error):
            switch error.step {
            case .limits, .syntax, .validation: return ["invalid": true]
            case .operation, .variables, .source: body = error.body
            }
        case .success(let operation):
            body = await engine.execute(operation, context: Counting()).body
        }
        return ["response": .string(String(decoding: body, as: UTF8.self))]
    }

    /// A client with a counter of its own.
    private final class Counting: ExecutionContext {
        let sharingIdentity = ""
        let counter = Mutex<Int64>(0)

        func add(_ number: Int) -> Int64 {
            self.counter.withLock { counter in
                counter += Int64(number)
                return counter
            }
        }
    }

    private static func value(_ json: JSONValue) -> ResolvedValue {
        switch json {
        case .array(let elements):
            return .list(elements.map(self.value))
        case .object(let members):
            if let message = members["$error"]?.stringValue {
                return .failure(GraphQLError(message: message))
            }
            let fields = members.filter { $0.key != "$type" }.map { ($0.key, self.value($0.value)) }
            return .record(Record(type: members["$type"]?.stringValue, fields: fields))
        default:
            return .json(json)
        }
    }

    private typealias Field = (type: String, field: String, resolver: Resolvers.Field)

    private static let computedFields: [Field] = [
        ("Query", "echo", { .json(.object($0.arguments.values)) }),
        ("Query", "required", { .json(.object($0.arguments.values)) }),
        ("Node", "echo", { .json(.object($0.arguments.values)) }),
        ("Query", "add", { .int(Int64($0.arguments.int("a") ?? 0) + Int64($0.arguments.int("b") ?? 100)) }),
        ("Query", "fail", { throw GraphQLError(message: ($0.arguments.string("message") ?? "") + "!") }),
        ("Query", "mustFail", { throw GraphQLError(message: ($0.arguments.string("message") ?? "") + "!") }),
        ("Query", "color", { .json($0.arguments.value("value") ?? .null) }),
        ("Query", "even", { .json($0.arguments.value("value") ?? .null) }),
    ]

    private static let mutations: [Field] = [
        (
            "Mutation", "increment",
            { input in
                guard let context = input.context as? Counting else { return .null }
                let value = context.add(input.arguments.int("by") ?? 100)
                return ["value": .int(value), "fail": .failure(GraphQLError(message: "at \(value)"))]
            }
        ),
        ("Mutation", "fail", { _ in throw GraphQLError(message: "mutation failed") }),
        ("Mutation", "mustFail", { _ in throw GraphQLError(message: "mutation must fail") }),
    ]

    /// Gives every field of every object an asynchronous resolver that does the same as before.
    private static func makeAsynchronous(_ resolvers: inout Resolvers, schema: Schema, data: JSONValue) {
        for case .object(let type) in schema.types where !type.name.hasPrefix("__") {
            for field in type.fieldSet {
                let computed = (self.computedFields + self.mutations).first {
                    $0.type == type.name && $0.field == field.name
                }
                let root = type.name == schema.queryType.name ? data[field.name].map { self.value($0) } : Optional.none
                resolvers.asyncField(type.name, field.name) { input in
                    await Task.yield()
                    if let computed {
                        return try computed.resolver(input)
                    }
                    return root ?? input.source.field(input.fieldName) ?? ResolvedValue.null
                }
            }
        }
    }

    private static let even = ScalarCoding(
        serialize: { value in
            guard let number = value.json?.intValue, number.isMultiple(of: 2) else {
                throw GraphQLError(message: "Even cannot represent it")
            }
            return .int(number)
        },
        parse: { value in
            guard let number = value.intValue, number.isMultiple(of: 2) else {
                throw GraphQLError(message: "Even cannot take it")
            }
            return .int(number)
        })
}
