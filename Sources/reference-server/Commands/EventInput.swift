import GraphQLCore
import ReferenceDomains

/// Reads the input of a mutation from options and from lines of JSON. What is a field, and of which type, is what the
/// schema says; whether the values fit is left to the engine.
struct EventInput: PublishableEvent {
    let document: String
    private let schema: Schema
    private let type: InputObjectType

    /// - Throws: What is wrong with the schema, which is a mistake of ours.
    init(of mutation: String) throws {
        self.schema = try Schema(sdl: ReferenceSchema.domainSources)
        guard let field = self.schema.mutationType?.field(mutation)?.argument("input"),
            case .inputObject(let type) = self.schema.type(named: field.type.namedType.name)
        else { throw Unusable("\(mutation) takes no input") }
        self.document = "mutation($input: \(type.name)!) { \(mutation)(input: $input) { receivers } }"
        self.type = type
    }

    var options: [String: FieldOption] {
        Dictionary(
            uniqueKeysWithValues: self.type.fields.map { field in
                let option = FieldOption(name: field.name) { self.value($0, of: field.type) }
                return (FieldOption.spelling(PayloadShape.snakeCase(field.name)), option)
            })
    }

    func variables(_ fields: JSONObject) -> JSONObject { ["input": .object(fields)] }

    func outcome(_ result: JSONObject) -> String {
        let receivers = result["receivers"]?.intValue ?? 0
        return "to \(receivers) server\(receivers == 1 ? "" : "s")"
    }

    func fields(_ members: JSONObject) -> JSONObject { self.input(members, self.type) }

    // MARK: Parts

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
