import GraphQLCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Answers cases, one a line: JSON in, JSON out. `Tests/Differential/run` sends the same cases to graphql-core.
@main
struct Main {
    static func main() async {
        var session = Session()
        while let line = readLine() {
            let answer: JSONValue
            do {
                answer = await session.answer(try JSONReader.read(line))
            } catch {
                answer = ["failure": .string("\(error)")]
            }
            self.send(answer.encoded() + [UInt8(ascii: "\n")])
        }
    }

    /// Writes at once: `print` would keep lines back as long as the other side is a pipe.
    private static func send(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = write(1, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count <= 0 { exit(1) }
                rest = rest.dropFirst(count)
            }
        }
    }
}

/// The schemas that were sent, and how to answer about them.
struct Session {
    private var schemas: [String: Schema] = [:]
    private var engines: [String: GraphQLEngine] = [:]
    private var world: ExecutionWorld?

    /// The answer to one case; its `op` says what is asked.
    mutating func answer(_ request: JSONValue) async -> JSONValue {
        let text = request["text"]?.stringValue ?? ""
        let schema = request["schema"]?.stringValue ?? ""
        switch request["op"]?.stringValue {
        case "parse": return self.parse(text)
        case "schema": return self.build(schema, text)
        case "validate": return self.validate(text, on: schema)
        case "introspect": return await self.introspect(text, on: schema)
        case "world": return self.makeWorld(of: request["data"] ?? [:], on: schema)
        case "execute": return await self.world?.answer(request) ?? ["failure": "no world"]
        default: return ["failure": "unknown op"]
        }
    }

    private mutating func makeWorld(of data: JSONValue, on name: String) -> JSONValue {
        guard let schema = self.schemas[name] else { return ["failure": "unknown schema"] }
        do {
            self.world = try ExecutionWorld(schema: schema, data: data)
            return [:]
        } catch {
            return ["failure": .string("\(error)")]
        }
    }

    private func parse(_ text: String) -> JSONValue {
        do {
            return ["printed": .string(Printer.print(try Parser.parseDocument(text)))]
        } catch {
            return ["error": self.json(error)]
        }
    }

    private mutating func build(_ name: String, _ text: String) -> JSONValue {
        do {
            self.schemas[name] = try Schema(sdl: text)
            self.engines[name] = nil
            return ["errors": []]
        } catch {
            return ["errors": .array(error.errors.map { self.json($0) })]
        }
    }

    private func validate(_ text: String, on name: String) -> JSONValue {
        guard let schema = self.schemas[name] else { return ["failure": "unknown schema"] }
        do {
            let document = try Parser.parseDocument(text)
            // Limits are ours alone, but for the one on introspection.
            var limits = ValidationLimits.none
            limits.introspectionLists = 2
            limits.violations = 1000
            let violations = Validator.violations(of: document, schema: schema, limits: limits)
            return ["errors": .array(violations.map { self.json($0.error, rule: $0.rule) })]
        } catch {
            return ["error": self.json(error)]
        }
    }

    private mutating func introspect(_ text: String, on name: String) async -> JSONValue {
        guard let schema = self.schemas[name] else { return ["failure": "unknown schema"] }
        do {
            let engine = try self.engines[name] ?? GraphQLEngine(schema: schema, resolvers: self.resolvers(schema))
            self.engines[name] = engine
            switch engine.prepare(GraphQLRequest(query: text)) {
            case .failure(let failure):
                return ["errors": .array(failure.errors.map { self.json($0) })]
            case .success(let operation):
                let body = await engine.execute(operation, context: Nobody()).body
                return try JSONReader.read(body)
            }
        } catch {
            return ["failure": .string("\(error)")]
        }
    }

    /// Root fields need resolvers, though introspection calls none.
    private func resolvers(_ schema: Schema) -> Resolvers {
        var resolvers = Resolvers()
        for root in [schema.queryType, schema.mutationType].compactMap({ $0 }) {
            for field in root.fieldSet { resolvers.field(root.name, field.name) { _ in .null } }
        }
        for field in schema.subscriptionType?.fieldSet ?? schema.queryType.fieldSet
        where schema.subscriptionType != nil {
            resolvers.subscription(field.name) { _ in SourceEventStream { _ in SourceCancellation {} } }
        }
        return resolvers
    }

    private func json(_ error: GraphQLError, rule: String? = nil) -> JSONValue {
        var object: JSONObject = [:]
        if let rule { object.append("rule", .string(rule)) }
        object.append("message", .string(error.message))
        let places = error.locations.map { JSONValue.array([.int(Int64($0.line)), .int(Int64($0.column))]) }
        object.append("locations", .array(places))
        return .object(object)
    }
}

/// Whoever asks.
struct Nobody: ExecutionContext {
    let sharingIdentity = ""
}
