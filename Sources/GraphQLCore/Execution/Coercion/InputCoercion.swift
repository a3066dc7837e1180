/// Input coercion of literals (GraphQL §3.5 to §3.12, §6.4.1).
struct InputCoercion: Sendable {
    let schema: Schema
    private let scalars: [String: ScalarCoding]

    init(schema: Schema, scalars: [String: ScalarCoding]) {
        self.schema = schema
        self.scalars = scalars
    }

    func coding(of scalar: ScalarType) -> ScalarCoding {
        self.scalars[scalar.name] ?? .json
    }

    /// The arguments of a field or directive (§6.4.1, CoerceArgumentValues).
    /// - Throws: an error with a location when one is missing, null, or has a value that its type refuses.
    func arguments(_ plans: [ArgumentPlan], variables: JSONObject) throws(GraphQLError) -> Arguments {
        var values = JSONObject()
        for plan in plans {
            if let value = try self.argument(plan, variables: variables) {
                values.append(plan.definition.name, value)
            }
        }
        return Arguments(values)
    }

    private func argument(_ plan: ArgumentPlan, variables: JSONObject) throws(GraphQLError) -> JSONValue? {
        let definition = plan.definition
        guard let node = plan.value else {
            return try self.valueInAbsence(of: definition, location: plan.fieldLocation) {
                "Argument \"\(definition.name)\" of required type \"\(definition.type)\" was not provided."
            }
        }
        var isNull = if case .null = node.kind { true } else { false }
        if case .variable(let name) = node.kind {
            guard let value = variables[name.value] else {
                return try self.valueInAbsence(of: definition, location: node.location) {
                    "Argument \"\(definition.name)\" of required type \"\(definition.type)\" was provided the variable "
                        + "\"$\(name.value)\" which was not provided a runtime value."
                }
            }
            isNull = value.isNull
        }
        if isNull, definition.type.isNonNull {
            throw GraphQLError(
                message: "Argument \"\(definition.name)\" of non-null type \"\(definition.type)\" must not be null.",
                location: node.location)
        }
        guard let value = self.value(of: node, as: definition.type, variables: variables) else {
            throw GraphQLError(
                message: "Argument \"\(definition.name)\" has invalid value \(Printer.print(node)).",
                location: node.location)
        }
        return value
    }

    private func valueInAbsence(
        of definition: InputValueDefinition, location: SourceLocation, message: () -> String
    ) throws(GraphQLError) -> JSONValue? {
        if let value = self.defaultValue(of: definition) {
            return value
        }
        guard !definition.type.isNonNull else { throw GraphQLError(message: message(), location: location) }
        return nil
    }

    /// The default, coerced; nil when there is none.
    func defaultValue(of definition: InputValueDefinition) -> JSONValue? {
        definition.defaultValue.flatMap { self.value(of: $0, as: definition.type, variables: [:]) }
    }

    /// The value of a literal, with variables replaced; nil when it does not fit the type.
    func value(of node: ValueNode, as type: TypeReference, variables: JSONObject) -> JSONValue? {
        if case .variable(let name) = node.kind {
            // Has been coerced to the type of the variable, which validation knows to fit.
            guard let value = variables[name.value], !(value.isNull && type.isNonNull) else { return nil }
            return value
        }
        switch type {
        case .nonNull(let inner):
            if case .null = node.kind { return nil }
            return self.value(of: node, as: inner, variables: variables)
        case .list(let inner):
            return self.list(of: node, as: inner, variables: variables)
        case .named(let reference):
            if case .null = node.kind { return .null }
            switch self.schema.type(reference) {
            case .scalar(let scalar): return self.scalar(scalar, node, variables: variables)
            case .enumeration(let enumeration):
                guard case .enumeration(let name) = node.kind, enumeration.value(name) != nil else { return nil }
                return .string(name)
            case .inputObject(let object): return self.object(object, node, variables: variables)
            case .object, .interface, .union: return nil
            }
        }
    }

    private func list(of node: ValueNode, as inner: TypeReference, variables: JSONObject) -> JSONValue? {
        if case .null = node.kind { return .null }
        guard case .list(let nodes) = node.kind else {
            // A value that is not a list stands for a list of it (§3.11).
            return self.value(of: node, as: inner, variables: variables).map { .array([$0]) }
        }
        var elements: [JSONValue] = []
        elements.reserveCapacity(nodes.count)
        for element in nodes {
            if self.isMissingVariable(element, variables) {
                guard !inner.isNonNull else { return nil }
                elements.append(.null)
            } else {
                guard let value = self.value(of: element, as: inner, variables: variables) else { return nil }
                elements.append(value)
            }
        }
        return .array(elements)
    }

    private func object(_ type: InputObjectType, _ node: ValueNode, variables: JSONObject) -> JSONValue? {
        guard case .object(let nodes) = node.kind else { return nil }
        var members = JSONObject()
        for field in type.fields {
            guard let node = nodes.first(where: { $0.name.value == field.name })?.value,
                !self.isMissingVariable(node, variables)
            else {
                if let value = self.defaultValue(of: field) {
                    members.append(field.name, value)
                } else if field.type.isNonNull {
                    return nil
                }
                continue
            }
            guard let value = self.value(of: node, as: field.type, variables: variables) else { return nil }
            members.append(field.name, value)
        }
        // §3.10.1: exactly one, and not null.
        if type.isOneOf, members.count != 1 || members.first?.value.isNull ?? true { return nil }
        return .object(members)
    }

    private func isMissingVariable(_ node: ValueNode, _ variables: JSONObject) -> Bool {
        if case .variable(let name) = node.kind { variables[name.value] == nil } else { false }
    }

    private func scalar(_ scalar: ScalarType, _ node: ValueNode, variables: JSONObject) -> JSONValue? {
        guard let builtIn = scalar.builtIn else {
            return try? self.coding(of: scalar).parse(node.json(variables: variables))
        }
        switch (builtIn, node.kind) {
        case (.int, .int(let digits)):
            return Int32(digits).map { .int(Int64($0)) }
        case (.float, .int(let text)), (.float, .float(let text)):
            guard let value = Double(text), value.isFinite else { return nil }
            return .double(value)
        case (.string, .string(let text, _)), (.id, .string(let text, _)), (.id, .int(let text)):
            return .string(text)
        case (.boolean, .boolean(let value)):
            return .bool(value)
        default:
            return nil
        }
    }
}

extension ValueNode {
    /// The JSON that looks like the literal; what a custom scalar is given. Variables without a value are null in
    /// lists and left out of objects.
    func json(variables: JSONObject) -> JSONValue {
        switch self.kind {
        case .variable(let name): return variables[name.value] ?? .null
        case .int(let text), .float(let text): return (try? JSONReader.read(text)) ?? .number(text)
        case .string(let text, _), .enumeration(let text): return .string(text)
        case .boolean(let value): return .bool(value)
        case .null: return .null
        case .list(let elements): return .array(elements.map { $0.json(variables: variables) })
        case .object(let fields):
            var members = JSONObject()
            for field in fields {
                if case .variable(let name) = field.value.kind, variables[name.value] == nil { continue }
                members.append(field.name.value, field.value.json(variables: variables))
            }
            return .object(members)
        }
    }
}
