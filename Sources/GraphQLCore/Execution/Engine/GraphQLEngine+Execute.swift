extension GraphQLEngine {
    /// Runs a query or mutation (§6.2.1, §6.2.2).
    ///
    /// Where all resolvers are immediate, nothing is awaited. When the running task is cancelled, no further resolver
    /// is called, and the result says so. For a subscription the result is an error.
    package func execute(_ operation: PreparedOperation, context: any ExecutionContext) async -> ExecutionResult {
        guard operation.kind != .subscription else {
            let error = GraphQLError(
                message: "A subscription has no single result.", location: operation.compiled.node.location)
            return Self.withoutData([error])
        }
        return await self.run(operation, on: .null, context: context)
    }

    /// Runs the selection of a subscription on one event of its source stream (§6.2.3.2, ExecuteSubscriptionEvent).
    ///
    /// The event is the value of the root field, unless that has a resolver, which then maps it.
    package func executeEvent(
        _ operation: PreparedOperation, event: ResolvedValue, context: any ExecutionContext
    ) async -> ExecutionResult {
        await self.run(operation, on: event, context: context)
    }

    /// The same as `executeEvent`, at once; nil when some resolver of the operation has to be awaited.
    package func executeEventSynchronously(
        _ operation: PreparedOperation, event: ResolvedValue, context: any ExecutionContext
    ) -> ExecutionResult? {
        operation.root.isAsynchronous ? nil : self.runImmediately(operation, on: event, context: context)
    }

    private func run(
        _ operation: PreparedOperation, on source: ResolvedValue, context: any ExecutionContext
    ) async -> ExecutionResult {
        guard operation.root.isAsynchronous else {
            return self.runImmediately(operation, on: source, context: context)
        }
        if let failure = operation.root.failure {
            return Self.withoutData([failure])
        }
        let executor = AsynchronousExecutor(
            operation: operation, context: context, catalog: self.catalog,
            onInternalError: self.options.onInternalError)
        let outcome = await executor.fields(
            of: operation.root, on: source, path: nil, serially: operation.kind == .mutation)
        guard !(outcome.hasFailed && Task.isCancelled) else { return Self.cancelled }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(outcome.bytes.count + 16)
        bytes.append(ascii: ExecutionResult.dataPrefix)
        bytes.append(contentsOf: outcome.bytes)
        return ExecutionResult(written: bytes, isWritten: !outcome.hasFailed, errors: outcome.errors)
    }

    private func runImmediately(
        _ operation: PreparedOperation, on source: ResolvedValue, context: any ExecutionContext
    ) -> ExecutionResult {
        if let failure = operation.root.failure {
            return Self.withoutData([failure])
        }
        var executor = Executor(
            operation: operation, context: context, catalog: self.catalog,
            onInternalError: self.options.onInternalError)
        executor.bytes.reserveCapacity(1_024)
        executor.bytes.append(ascii: ExecutionResult.dataPrefix)
        let isWritten = executor.writeFields(of: operation.root, on: source, path: nil)
        guard !executor.isCancelled else { return Self.cancelled }
        return ExecutionResult(written: executor.bytes, isWritten: isWritten, errors: executor.errors)
    }

    /// What a server does that looks at the limits too late: what is refused for them alone has its effects all the same.
    /// Operations with variables, or whose resolvers have to be awaited, are left alone.
    func executeAnyway(
        _ document: Document, _ fragments: [String: FragmentDefinitionNode],
        _ refusal: RequestError
    ) {
        let codes = [OperationLimits.tooDeep, OperationLimits.tooCostly]
        guard
            refusal.errors.allSatisfy({ error in
                if case .string(let code)? = error.extensions?["code"] { codes.contains(code) } else { false }
            }), let node = document.operations.first, document.operations.count == 1, node.kind != .subscription,
            node.variables.isEmpty, let root = self.schema.rootType(for: node.kind)
        else { return }
        struct Nobody: ExecutionContext {
            var sharingIdentity: String { "" }
        }
        let compiled = CompiledOperation(node: node, root: root, fragments: fragments, catalog: self.catalog)
        guard
            let variables = try? VariableCoercion.coerce(
                [:], for: [], inputs: self.catalog.inputs, errorLimit: self.limits.errors)
        else { return }
        let operation = PreparedOperation(
            variables: variables, compiled: compiled, root: compiled.plan(for: variables))
        if !operation.root.isAsynchronous {
            _ = self.runImmediately(operation, on: .null, context: Nobody())
        }
    }

    private static let cancelled = withoutData(
        [GraphQLError(message: "The operation was cancelled.")], wasCancelled: true)

    private static func withoutData(_ errors: [GraphQLError], wasCancelled: Bool = false) -> ExecutionResult {
        var bytes: [UInt8] = []
        bytes.append(ascii: ExecutionResult.dataPrefix)
        return ExecutionResult(written: bytes, isWritten: false, errors: errors, wasCancelled: wasCancelled)
    }
}
