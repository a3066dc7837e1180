extension GraphQLEngine {
    /// Makes the source stream of a subscription (§6.2.3.1, CreateSourceEventStream); it still has to be started.
    ///
    /// An argument that cannot be coerced, or a resolver that throws, is a request error, with the path of the field.
    package func createSourceStream(
        _ operation: PreparedOperation, context: any ExecutionContext
    ) async -> Result<SourceEventStream, RequestError> {
        if let failure = operation.root.failure {
            return .failure(RequestError(.source, [failure]))
        }
        guard operation.kind == .subscription, let field = operation.root.fields.first,
            let resolve = self.catalog.subscription(field.name)
        else {
            return .failure(RequestError(.source, "Only a subscription has a source stream."))
        }
        var executor = Executor(
            operation: operation, context: context, catalog: self.catalog,
            onInternalError: self.options.onInternalError)
        do {
            let arguments = try executor.arguments(of: field)
            let input = ResolverInput(
                source: .null, arguments: arguments, context: context, field: field, parentPath: nil)
            return .success(try await resolve(input))
        } catch {
            executor.note(error, at: Place(field: field, parent: nil))
            return .failure(RequestError(.source, executor.errors))
        }
    }
}
