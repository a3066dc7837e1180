extension GraphQLEngine {
    /// Gets a request ready: parses and validates the document (§2, §5), picks the operation (§6.1), compiles it, and
    /// coerces the variables (§6.1.2). Compiled operations are kept, so that only the last step is left for the next
    /// request with the same document.
    ///
    /// Variables that the operation does not define are ignored. An empty operation name counts as none.
    package func prepare(_ request: GraphQLRequest) -> Result<PreparedOperation, RequestError> {
        do throws(RequestError) {
            let name = request.operationName.flatMap { $0.isEmpty ? nil : $0 }
            let compiled = try self.compiled(request.query, operationName: name)
            let variables = try VariableCoercion.coerce(
                request.variables ?? [:], for: compiled.node.variables, inputs: self.catalog.inputs,
                errorLimit: self.limits.errors)
            return .success(
                PreparedOperation(variables: variables, compiled: compiled, root: compiled.plan(for: variables)))
        } catch {
            return .failure(error)
        }
    }

    private func compiled(_ query: String, operationName: String?) throws(RequestError) -> CompiledOperation {
        guard query.utf8.count <= self.limits.documentBytes else {
            throw RequestError(
                .limits, "The document is too long: it may have at most \(self.limits.documentBytes) bytes.")
        }
        let key = OperationCache.Key(document: query, operationName: operationName)
        if let operation = self.cache.operation(key) {
            return operation
        }
        let document = try self.parsed(query)
        var fragments: [String: FragmentDefinitionNode] = [:]
        for fragment in document.fragments {
            fragments[fragment.name.value] = fragments[fragment.name.value] ?? fragment
        }
        do throws(RequestError) {
            try self.validate(document)
        } catch {
            if self.options.limitFault == .refusesAfterExecution {
                self.executeAnyway(document, fragments, error)
            }
            throw error
        }
        let node = try Self.operation(named: operationName, of: document)
        guard let root = self.schema.rootType(for: node.kind) else {
            throw RequestError(
                .operation,
                [
                    GraphQLError(
                        message: "Schema is not configured to execute \(node.kind.rawValue) operation.",
                        location: node.location)
                ])
        }
        let operation = CompiledOperation(node: node, root: root, fragments: fragments, catalog: self.catalog)
        return self.cache.insert(operation, for: key)
    }

    private func parsed(_ query: String) throws(RequestError) -> Document {
        do throws(GraphQLError) {
            // A level of fields may hold an inline fragment, which takes a level of the parser.
            return try Parser.parseDocument(
                query, limits: DocumentLimits(tokens: self.limits.tokens, depth: self.limits.depth * 2))
        } catch {
            throw RequestError(.syntax, [error])
        }
    }

    private func validate(_ document: Document) throws(RequestError) {
        var limits = ValidationLimits(
            depth: self.limits.depth, aliases: self.limits.aliases, rootFields: self.limits.rootFields,
            cost: self.limits.cost, violations: self.limits.errors)
        limits.fault = self.options.limitFault
        guard self.options.validatesDocuments else {
            // What has no end cannot be executed, however wrong the answer may be.
            let violations = Validator.violations(of: document, schema: self.schema, limits: limits)
            let endless = violations.filter { $0.rule == NoFragmentCyclesRule.name }
            guard endless.isEmpty else { throw RequestError(.validation, endless.map(\.error)) }
            return
        }
        var errors = GraphQLCore.validate(document, schema: self.schema, limits: limits)
        if !self.options.allowsIntrospection {
            errors += IntrospectionRule.errors(in: document)
        }
        guard errors.isEmpty else {
            throw RequestError(.validation, errors)
        }
    }

    /// §6.1, GetOperation.
    private static func operation(
        named name: String?, of document: Document
    ) throws(RequestError) -> OperationDefinitionNode {
        let operations = document.operations
        guard let name else {
            guard let first = operations.first else { throw RequestError(.operation, "Must provide an operation.") }
            guard operations.count == 1 else {
                throw RequestError(
                    .operation, "Must provide operation name if query contains multiple operations.")
            }
            return first
        }
        guard let operation = operations.first(where: { $0.name?.value.hasSameBytes(as: name) ?? false }) else {
            throw RequestError(.operation, "Unknown operation named \(Inspection.text(of: .json(.string(name)))).")
        }
        return operation
    }
}

extension RequestError {
    /// An error without a location.
    init(_ step: Step, _ message: String) {
        self.init(step, [GraphQLError(message: message)])
    }
}
