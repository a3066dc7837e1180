/// Finds input objects that no value could ever satisfy, or whose defaults never end (GraphQL §3.10, "Type
/// Validation").
struct InputCycleChecks {
    private let draft: SchemaDraft
    private let schema: Schema
    private var errors: [GraphQLError] = []
    private var visited: Set<String> = []
    /// The required fields from the type where the search began, and where each type stands among them.
    private var path: [InputValueDefinitionNode] = []
    private var placeInPath: [String: Int] = [:]

    /// The problems with the input objects of a draft.
    static func errors(of draft: SchemaDraft, schema: Schema) -> [GraphQLError] {
        var checks = InputCycleChecks(draft: draft, schema: schema)
        for type in draft.types where type.kind == .inputObject && !type.isBuiltIn {
            checks.findRequiredCycles(from: type)
        }
        checks.findDefaultCycles()
        return checks.errors
    }

    private init(draft: SchemaDraft, schema: Schema) {
        self.draft = draft
        self.schema = schema
    }

    private mutating func findRequiredCycles(from type: DraftType) {
        guard self.visited.insert(type.name).inserted else { return }
        self.placeInPath[type.name] = self.path.count
        for field in type.inputFields {
            guard case .nonNull(.named(let name)) = field.type, let next = self.draft.type(name.value),
                next.kind == .inputObject
            else { continue }
            self.path.append(field)
            if let place = self.placeInPath[next.name] {
                let cycle = self.path[place...]
                let names = cycle.map(\.name.value).joined(separator: ".")
                self.errors.append(
                    GraphQLError(
                        message: "Cannot reference Input Object \"\(next.name)\" within itself through a series of "
                            + "non-null fields: \"\(names)\".",
                        locations: cycle.map(\.location)))
            } else {
                self.findRequiredCycles(from: next)
            }
            self.path.removeLast()
        }
        self.placeInPath[type.name] = nil
    }

    // MARK: Defaults

    /// A field whose default is filled in, which may ask for further defaults.
    private struct DefaultedField: Hashable {
        let type: Int
        let field: String
    }

    private mutating func findDefaultCycles() {
        var finished: Set<DefaultedField> = []
        for case .inputObject(let input) in self.schema.types {
            for field in input.fields {
                self.fillIn(field, of: input, open: [], finished: &finished)
            }
        }
    }

    /// Fills in the default of a field: InputFieldDefaultValueHasCycle.
    private mutating func fillIn(
        _ field: InputValueDefinition, of input: InputObjectType, open: Set<DefaultedField>,
        finished: inout Set<DefaultedField>
    ) {
        guard let value = field.defaultValue, case .inputObject(let inner) = self.schema.namedType(of: field.type)
        else { return }
        let key = DefaultedField(type: input.reference.index, field: field.name)
        if open.contains(key) {
            let node = self.draft.type(input.name)?.inputFields.first { $0.name.value == field.name }
            self.errors.append(
                GraphQLError(
                    message: "Invalid circular reference. The default value of Input Object field "
                        + "\(input.name).\(field.name) references itself.",
                    locations: node?.defaultValue.map { [$0.location] } ?? []))
            finished.insert(key)
            return
        }
        if finished.contains(key) { return }
        self.follow(value, as: inner, open: open.union([key]), finished: &finished)
        finished.insert(key)
    }

    private mutating func follow(
        _ value: ValueNode, as input: InputObjectType, open: Set<DefaultedField>, finished: inout Set<DefaultedField>
    ) {
        switch value.kind {
        case .list(let items):
            for item in items { self.follow(item, as: input, open: open, finished: &finished) }
        case .object(let given):
            for field in input.fields {
                if let entry = given.first(where: { $0.name.value == field.name }) {
                    if case .inputObject(let inner) = self.schema.namedType(of: field.type) {
                        self.follow(entry.value, as: inner, open: open, finished: &finished)
                    }
                } else {
                    self.fillIn(field, of: input, open: open, finished: &finished)
                }
            }
        case .variable, .int, .float, .string, .boolean, .null, .enumeration:
            break
        }
    }
}
