/// Coerces the variables of a request (GraphQL §6.1.2, CoerceVariableValues).
struct VariableCoercion {
    private let inputs: InputCoercion
    private let errorLimit: Int
    private var errors: [GraphQLError] = []

    /// The variable that is being coerced.
    private struct Subject {
        let name: String
        let location: SourceLocation
    }

    private init(inputs: InputCoercion, errorLimit: Int) {
        self.inputs = inputs
        self.errorLimit = errorLimit
    }

    /// Coerces `values` to what the operation asks for. Values of other names are ignored.
    /// - Parameter errorLimit: the number of errors, inclusive, after which the rest is not looked at.
    /// - Throws: a request error of step `variables`.
    static func coerce(
        _ values: JSONObject, for definitions: [VariableDefinitionNode], inputs: InputCoercion, errorLimit: Int
    ) throws(RequestError) -> JSONObject {
        var coercion = VariableCoercion(inputs: inputs, errorLimit: errorLimit)
        var coerced = JSONObject()
        for definition in definitions {
            if let value = coercion.variable(definition, in: values) {
                coerced.append(definition.name.value, value)
            }
            guard coercion.errors.count <= errorLimit else {
                let end = GraphQLError(
                    message: "Too many errors processing variables, error limit reached. Execution aborted.")
                throw RequestError(.variables, coercion.errors.prefix(errorLimit) + [end])
            }
        }
        guard coercion.errors.isEmpty else { throw RequestError(.variables, coercion.errors) }
        return coerced
    }

    private mutating func variable(_ definition: VariableDefinitionNode, in values: JSONObject) -> JSONValue? {
        let name = definition.name.value
        guard let type = self.inputs.type(of: definition.type) else {
            self.errors.append(
                GraphQLError(
                    message: "Variable \"$\(name)\" expected value of type \"\(definition.type)\" which cannot be used "
                        + "as an input type.",
                    location: definition.type.location))
            return nil
        }
        guard let value = values[name] else {
            if let node = definition.defaultValue {
                return self.inputs.value(of: node, as: type, variables: [:])
            }
            if type.isNonNull {
                self.errors.append(
                    GraphQLError(
                        message: "Variable \"$\(name)\" of required type \"\(type)\" was not provided.",
                        location: definition.location))
            }
            return nil
        }
        if value.isNull, type.isNonNull {
            self.errors.append(
                GraphQLError(
                    message: "Variable \"$\(name)\" of non-null type \"\(type)\" must not be null.",
                    location: definition.location))
            return nil
        }
        return self.coerce(value, as: type, path: [], Subject(name: name, location: definition.location))
    }

    /// The coerced value; nil, with an error noted, when it does not fit.
    private mutating func coerce(
        _ value: JSONValue, as type: TypeReference, path: [PathElement], _ subject: Subject
    ) -> JSONValue? {
        guard self.errors.count <= self.errorLimit else { return nil }
        switch type {
        case .nonNull(let inner):
            guard !value.isNull else {
                self.note("Expected non-nullable type \"\(type)\" not to be null.", value, path, subject)
                return nil
            }
            return self.coerce(value, as: inner, path: path, subject)
        case .list(let inner):
            switch value {
            case .null:
                return .null
            case .array(let elements):
                var coerced: [JSONValue] = []
                coerced.reserveCapacity(elements.count)
                for (index, element) in elements.enumerated() {
                    if let value = self.coerce(element, as: inner, path: path + [.index(index)], subject) {
                        coerced.append(value)
                    }
                }
                return .array(coerced)
            default:
                // A value that is not a list stands for a list of it (§3.11).
                return self.coerce(value, as: inner, path: path, subject).map { .array([$0]) }
            }
        case .named(let reference):
            guard !value.isNull else { return .null }
            return self.coerce(value, as: self.inputs.schema.type(reference), path: path, subject)
        }
    }

    private mutating func coerce(
        _ value: JSONValue, as type: NamedType, path: [PathElement], _ subject: Subject
    ) -> JSONValue? {
        switch type {
        case .inputObject(let object):
            return self.coerce(value, as: object, path: path, subject)
        case .enumeration(let enumeration):
            return self.coerce(value, as: enumeration, path: path, subject)
        case .scalar(let scalar):
            do {
                if let builtIn = scalar.builtIn {
                    return try ScalarInput.coerce(value, as: builtIn)
                }
                return try self.inputs.coding(of: scalar).parse(value)
            } catch let error as GraphQLError {
                self.note(error.message, value, path, subject)
            } catch {
                self.note("Expected type \"\(scalar.name)\".", value, path, subject)
            }
            return nil
        case .object, .interface, .union:
            return nil
        }
    }

    private mutating func coerce(
        _ value: JSONValue, as type: EnumType, path: [PathElement], _ subject: Subject
    ) -> JSONValue? {
        guard case .string(let name) = value else {
            let text = Inspection.text(of: value)
            let hint = Self.hint(for: text, among: type.values.map(\.name), kind: "the enum value")
            self.note(
                "Enum \"\(type.name)\" cannot represent non-string value: \(text).\(hint)", value, path, subject)
            return nil
        }
        guard type.value(name)?.name.hasSameBytes(as: name) == true else {
            let hint = Self.hint(for: name, among: type.values.map(\.name), kind: "the enum value")
            self.note(
                "Value \"\(Inspection.shortened(name))\" does not exist in \"\(type.name)\" enum.\(hint)", value, path,
                subject)
            return nil
        }
        return value
    }

    private mutating func coerce(
        _ value: JSONValue, as type: InputObjectType, path: [PathElement], _ subject: Subject
    ) -> JSONValue? {
        guard case .object(let given) = value else {
            self.note("Expected type \"\(type.name)\" to be an object.", value, path, subject)
            return nil
        }
        var members = JSONObject()
        for field in type.fields {
            if let fieldValue = given[field.name] {
                let fieldPath = path + [.key(field.name)]
                if let coerced = self.coerce(fieldValue, as: field.type, path: fieldPath, subject) {
                    members.append(field.name, coerced)
                }
            } else if let defaultValue = self.inputs.defaultValue(of: field) {
                members.append(field.name, defaultValue)
            } else if field.type.isNonNull {
                self.note(
                    "Field \"\(field.name)\" of required type \"\(field.type)\" was not provided.", value, path, subject
                )
            }
        }
        for (name, _) in given where type.fields[name]?.name.hasSameBytes(as: name) != true {
            // The number of names is up to the client, and each costs a search for similar ones.
            guard self.errors.count <= self.errorLimit else { break }
            let hint = Self.hint(for: name, among: type.fields.map(\.name))
            self.note(
                "Field \"\(Inspection.shortened(name))\" is not defined by type \"\(type.name)\".\(hint)", value, path,
                subject)
        }
        if type.isOneOf {
            self.checkOneOf(type, given, value, path, subject)
        }
        return .object(members)
    }

    /// §3.10.1: exactly one field, and not null.
    private mutating func checkOneOf(
        _ type: InputObjectType, _ given: JSONObject, _ value: JSONValue, _ path: [PathElement], _ subject: Subject
    ) {
        let known = given.filter { type.fields[$0.key] != nil }
        guard known.count == 1, let only = known.first else {
            self.note("Exactly one key must be specified for OneOf type \"\(type.name)\".", value, path, subject)
            return
        }
        if only.value.isNull {
            self.note("Field \"\(only.key)\" must be non-null.", .null, path + [.key(only.key)], subject)
        }
    }

    /// What may have been meant; nothing for names that no schema has, whose comparison would take long.
    private static func hint(for name: String, among candidates: [String], kind: String? = nil) -> String {
        name.utf8.count > 200 ? "" : Suggestions.hint(for: name, among: candidates, kind: kind)
    }

    private mutating func note(_ message: String, _ value: JSONValue, _ path: [PathElement], _ subject: Subject) {
        let place =
            path.isEmpty
            ? ""
            : " at \"\(subject.name)"
                + path.map { element in
                    switch element {
                    case .key(let name): ".\(name)"
                    case .index(let index): "[\(index)]"
                    }
                }.joined() + "\""
        let text = "Variable \"$\(subject.name)\" got invalid value \(Inspection.text(of: value))\(place); \(message)"
        self.errors.append(GraphQLError(message: text, location: subject.location))
    }
}

extension InputCoercion {
    /// The type that a variable is declared with; nil unless it is an input type of the schema.
    func type(of node: TypeNode) -> TypeReference? {
        switch node {
        case .named(let name):
            guard let type = self.schema.type(named: name.value), type.isInput else { return nil }
            return .named(type.reference)
        case .list(let inner, _): return self.type(of: inner).map { .list($0) }
        case .nonNull(let inner): return self.type(of: inner).map { .nonNull($0) }
        }
    }
}
