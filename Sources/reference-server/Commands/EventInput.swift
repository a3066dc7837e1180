import GraphQLCore
import ReferenceDomains

/// Reads the input of a mutation from options and from lines of JSON. What is a field, and of which type, is what the
/// schema says; whether the values fit is left to the engine.
struct EventInput {
    /// The name of the input type.
    let typeName: String
    private let schema: Schema
    private let type: InputObjectType

    /// - Throws: What is wrong with the schema, which is a mistake of ours.
    init(of mutation: String) throws {
        self.schema = try Schema(sdl: ReferenceSchema.domainSources)
        guard let field = self.schema.mutationType?.field(mutation)?.argument("input"),
            case .inputObject(let type) = self.schema.type(named: field.type.namedType.name)
        else { throw Unusable("\(mutation) takes no input") }
        self.typeName = type.name
        self.type = type
    }

    /// Parts options that are fields, such as `--signal-strength 85`, from others.
    ///
    /// - Throws: `Settings.UsageError` for a field without a value, or given twice.
    func split(_ arguments: [String]) throws -> (fields: JSONObject, others: [String]) {
        var fields = JSONObject()
        var others: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let option = parts.first, option.hasPrefix("--"),
                let field = self.type.fields.first(where: { Self.option($0.name) == option })
            else {
                others.append(argument)
                continue
            }
            guard let text = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                throw Settings.UsageError(description: "\(option) needs a value")
            }
            guard fields[field.name] == nil else {
                throw Settings.UsageError(description: "\(option) is given twice")
            }
            fields[field.name] = self.value(text, of: field.type)
        }
        return (fields, others)
    }

    /// Reads one event.
    ///
    /// - Throws: `EventPublication.Refused` when the line is no JSON object.
    func read(line: String) throws -> JSONObject {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONReader.read(line)
        } catch {
            throw EventPublication.Refused("not JSON: \(error)")
        }
        guard let members = value.objectValue else { throw EventPublication.Refused("not a JSON object") }
        return self.input(members, self.type)
    }

    // MARK: Parts

    /// `--signal-strength` for `signalStrength`.
    private static func option(_ name: String) -> String {
        "--" + PayloadShape.snakeCase(name).map { $0 == "_" ? "-" : $0 }
    }

    /// The text as JSON of the kind that the type takes; text that is none stays text, for the engine to refuse.
    private func value(_ text: String, of type: TypeReference) -> JSONValue {
        let json = try? JSONReader.read(text)
        switch self.schema.type(named: type.namedType.name) {
        case .inputObject(let nested):
            return json?.objectValue.map { .object(self.input($0, nested)) } ?? json ?? .string(text)
        case .scalar(let scalar) where ["Int", "Float", "Boolean", "JSON"].contains(scalar.name):
            return json ?? .string(text)
        default:
            return .string(text)
        }
    }

    /// The members under the names of the schema; names that it does not have are kept, for the engine to refuse.
    private func input(_ members: JSONObject, _ type: InputObjectType) -> JSONObject {
        var input = JSONObject()
        for (name, value) in members {
            guard let field = type.fields.first(where: { $0.name == name || PayloadShape.snakeCase($0.name) == name })
            else {
                input[name] = value
                continue
            }
            if case .inputObject(let nested) = self.schema.type(named: field.type.namedType.name),
                let object = value.objectValue
            {
                input[field.name] = .object(self.input(object, nested))
            } else {
                input[field.name] = value
            }
        }
        return input
    }
}
