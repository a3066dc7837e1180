/// Executes selection sets whose resolvers are all immediate, writing the result as JSON while it goes (GraphQL §6.3).
///
/// A value that fails is taken back by cutting the buffer to where it began, so nothing is built that is not sent.
struct Executor {
    let operation: PreparedOperation
    let context: any ExecutionContext
    let catalog: ExecutableCatalog
    let onInternalError: EngineOptions.InternalErrorHook

    /// What has been written.
    var bytes: [UInt8] = []
    /// The field errors so far, in the order in which they happened.
    var errors: [GraphQLError] = []
    /// Set when the running task turns out to be cancelled: nothing is worth completing any more, and every value
    /// fails up to the root.
    var isCancelled = false

    /// Writes the fields of an object (§6.3.3, ExecuteCollectedFields).
    /// - Returns: false when a field that must not be null failed; then nothing is left in the buffer.
    mutating func writeFields(of plan: ObjectPlan, on source: ResolvedValue, path: ResponsePath?) -> Bool {
        let start = self.bytes.count
        var hint = 0
        for field in plan.fields {
            self.bytes.append(contentsOf: field.key)
            guard self.writeField(field, on: source, parent: path, hint: &hint) else {
                self.bytes.truncate(to: start)
                return false
            }
        }
        self.bytes.closeObject(from: start)
        return true
    }

    /// Resolves a field and writes its value (§6.4, ExecuteField).
    /// - Returns: false when the value is an error and must not be null.
    mutating func writeField(
        _ field: FieldPlan, on source: ResolvedValue, parent: ResponsePath?, hint: inout Int
    ) -> Bool {
        let value: ResolvedValue
        switch field.source {
        case .lookup:
            if field.arguments.mayFail {
                do throws(GraphQLError) {
                    _ = try self.arguments(of: field)
                } catch {
                    return self.writeFailure(error, field.completion, at: Place(field: field, parent: parent))
                }
            }
            value = source.field(field.name, hint: &hint) ?? .null
        case .typeName:
            self.bytes.appendJSONString(field.parentTypeName)
            return true
        case .event:
            value = source
        case .immediate(let resolve):
            guard !Task.isCancelled else {
                self.isCancelled = true
                return false
            }
            do {
                if case .failure(let error) = source {
                    throw error
                }
                let arguments = try self.arguments(of: field)
                value = try resolve(
                    ResolverInput(
                        source: source, arguments: arguments, context: self.context, field: field, parentPath: parent))
            } catch {
                return self.writeFailure(error, field.completion, at: Place(field: field, parent: parent))
            }
        case .asynchronous:
            // Plans with such fields go to the other executor.
            value = .failure(GraphQLError(message: "\(field.parentTypeName).\(field.name) has to be awaited."))
        }
        return self.write(value, as: field.completion, at: Place(field: field, parent: parent))
    }

    /// The coerced arguments of a field (§6.4.1).
    func arguments(of field: FieldPlan) throws(GraphQLError) -> Arguments {
        switch field.arguments {
        case .none: return Arguments()
        case .constant(let arguments): return arguments
        case .dynamic(let plans):
            return try self.catalog.inputs.arguments(plans, variables: self.operation.variables)
        case .failing(let error): throw error
        }
    }

    /// Notes an error and writes null.
    /// - Returns: false, with nothing written, when the value must not be null (§6.4.4).
    mutating func writeFailure(_ error: any Error, _ plan: CompletionPlan, at place: Place) -> Bool {
        self.note(error, at: place)
        guard !plan.isNonNull else { return false }
        self.bytes.append(ascii: "null")
        return true
    }

    /// Adds the error that a client sees for something thrown.
    mutating func note(_ error: any Error, at place: Place) {
        let path = place.path.elements
        guard var known = error as? GraphQLError else {
            self.onInternalError(error, path, self.context)
            self.errors.append(
                GraphQLError(message: "Internal server error", locations: place.field.locations, path: path))
            return
        }
        if known.locations.isEmpty {
            known.locations = place.field.locations
        }
        known.path = path
        self.errors.append(known)
    }
}

/// Where in the response a value stands: a field, or an item of a list within its value.
struct Place {
    let field: FieldPlan
    /// The path above.
    let parent: ResponsePath?
    /// The place in the list, from 0; nil for the value of the field itself.
    var index: Int?

    var path: ResponsePath {
        ResponsePath(self.parent, self.index.map { .index($0) } ?? .key(self.field.responseName))
    }
}

extension FieldPlan.ArgumentsPlan {
    /// Whether the coercion has to be tried to know that it succeeds.
    var mayFail: Bool {
        switch self {
        case .none, .constant: false
        case .dynamic, .failing: true
        }
    }
}

extension ResolvedValue {
    /// The value of a field by name; `hint` speeds up asking a record for its fields in order.
    func field(_ name: String, hint: inout Int) -> ResolvedValue? {
        switch self {
        case .record(let record): record.value(of: name, hint: &hint)
        case .json(.object(let members)): members.value(of: name, hint: &hint).map { .json($0) }
        default: self.field(name)
        }
    }
}

extension [UInt8] {
    /// Forgets what was written since.
    mutating func truncate(to count: Int) {
        self.removeLast(self.count - count)
    }

    /// Makes an object of the members written since `start`, of which each begins with a comma.
    mutating func closeObject(from start: Int) {
        self.replaceFirst(from: start, by: UInt8(ascii: "{"))
        self.append(UInt8(ascii: "}"))
    }

    /// Makes a list of the items written since `start`, of which each begins with a comma.
    mutating func closeList(from start: Int) {
        self.replaceFirst(from: start, by: UInt8(ascii: "["))
        self.append(UInt8(ascii: "]"))
    }

    private mutating func replaceFirst(from start: Int, by bracket: UInt8) {
        if self.count > start {
            self[start] = bracket
        } else {
            self.append(bracket)
        }
    }
}
