/// Checks a literal against the type of its place (GraphQL §5.6.1, §5.6.2, §5.6.4). Variables are not its concern.
struct LiteralCheck {
    private let schema: Schema
    /// What is wrong with the literals that were checked.
    private(set) var errors: [GraphQLError] = []

    init(schema: Schema) {
        self.schema = schema
    }

    /// Checks one value.
    mutating func check(_ value: ValueNode, _ type: TypeReference) {
        switch value.kind {
        case .variable:
            break
        case .null:
            if type.isNonNull { self.report("Expected value of type \"\(type)\", found null.", value) }
        case .list(let items):
            guard case .list(let itemType) = type.nullable else { return self.checkLeaf(value, type.nullable) }
            for item in items { self.check(item, itemType) }
        case .object(let fields):
            guard case .inputObject(let input) = self.schema.namedType(of: type) else {
                return self.checkLeaf(value, type)
            }
            self.check(fields, of: value, input)
        case .int, .float, .string, .boolean, .enumeration:
            self.checkLeaf(value, type)
        }
    }

    private mutating func check(_ fields: [ObjectFieldNode], of value: ValueNode, _ input: InputObjectType) {
        let given = Set(fields.map(\.name.value))
        for definition in input.fields where definition.isRequired && !given.contains(definition.name) {
            self.report(
                "Field \"\(input.name).\(definition.name)\" of required type \"\(definition.type)\" was not provided.",
                value)
        }
        if input.isOneOf { self.checkOneOf(fields, count: given.count, of: value, input) }
        for field in fields {
            guard let definition = input.fields[field.name.value] else {
                let hint = Suggestions.hint(for: field.name.value, among: input.fields.map(\.name))
                self.errors.append(
                    GraphQLError(
                        message: "Field \"\(field.name.value)\" is not defined by type \"\(input.name)\".\(hint)",
                        location: field.name.location))
                continue
            }
            self.check(field.value, definition.type)
        }
    }

    /// §3.10.1: exactly one field, and not null. A variable there must be non-null, which is checked with its uses.
    private mutating func checkOneOf(
        _ fields: [ObjectFieldNode], count: Int, of value: ValueNode, _ input: InputObjectType
    ) {
        guard count == 1, let field = fields.last else {
            return self.report("OneOf Input Object \"\(input.name)\" must specify exactly one key.", value)
        }
        if case .null = field.value.kind {
            self.report("Field \"\(input.name).\(field.name.value)\" must be non-null.", value)
        }
    }

    private mutating func checkLeaf(_ value: ValueNode, _ type: TypeReference) {
        switch self.schema.namedType(of: type) {
        case .scalar(let scalar):
            guard let builtIn = scalar.builtIn, let problem = builtIn.problem(with: value.kind) else { return }
            self.report("\(scalar.name) \(problem): \(Printer.print(value))", value)
        case .enumeration(let enumeration):
            self.check(value, enumeration)
        case .object, .interface, .union, .inputObject:
            self.report("Expected value of type \"\(type)\", found \(Printer.print(value)).", value)
        }
    }

    private mutating func check(_ value: ValueNode, _ type: EnumType) {
        let text = Printer.print(value)
        if case .enumeration(let name) = value.kind {
            guard type.value(name) == nil else { return }
            self.report("Value \"\(text)\" does not exist in \"\(type.name)\" enum." + self.hint(text, type), value)
        } else {
            self.report(
                "Enum \"\(type.name)\" cannot represent non-enum value: \(text)." + self.hint(text, type), value)
        }
    }

    private func hint(_ text: String, _ type: EnumType) -> String {
        Suggestions.hint(for: text, among: type.values.map(\.name), kind: "the enum value")
    }

    private mutating func report(_ message: String, _ value: ValueNode) {
        self.errors.append(GraphQLError(message: message, location: value.location))
    }
}

extension ScalarType.BuiltIn {
    /// Why a literal is none of this scalar (GraphQL §3.5.1 to §3.5.5, "Input Coercion"); nil when it is one.
    package func problem(with value: ValueNode.Kind) -> String? {
        switch (self, value) {
        case (.int, .int(let digits)):
            return Int32(digits) == nil ? "cannot represent non 32-bit signed integer value" : nil
        case (.int, _): return "cannot represent non-integer value"
        case (.float, .int(let digits)), (.float, .float(let digits)):
            return Double(digits)?.isFinite == true ? nil : "cannot represent non finite value"
        case (.float, _): return "cannot represent non numeric value"
        case (.string, .string): return nil
        case (.string, _): return "cannot represent a non string value"
        case (.boolean, .boolean): return nil
        case (.boolean, _): return "cannot represent a non boolean value"
        case (.id, .string), (.id, .int): return nil
        case (.id, _): return "cannot represent a non-string and non-integer value"
        }
    }
}
