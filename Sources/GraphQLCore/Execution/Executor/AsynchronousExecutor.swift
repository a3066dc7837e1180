/// Executes selection sets of which some resolvers have to be awaited (GraphQL §6.3).
///
/// Fields that need no awaiting are written at once, in place; the others run as child tasks beside each other, each
/// into a buffer of its own, and are put together in the order of the selection.
struct AsynchronousExecutor: Sendable {
    let operation: PreparedOperation
    let context: any ExecutionContext
    let catalog: ExecutableCatalog
    let onInternalError: EngineOptions.InternalErrorHook

    /// What became of a field, a value or an object.
    struct Outcome: Sendable {
        /// The JSON; empty when the value failed.
        var bytes: [UInt8] = []
        var errors: [GraphQLError] = []
        /// Whether the value is an error and must not be null.
        var hasFailed = false
    }

    /// Executes the fields of an object.
    /// - Parameter serially: one after the other, each with all below it, as the roots of a mutation (§6.2.2).
    func fields(of plan: ObjectPlan, on source: ResolvedValue, path: ResponsePath?, serially: Bool) async -> Outcome {
        if !serially, plan.fields.lazy.filter(\.isAsynchronous).count > 1 {
            return await self.concurrentFields(of: plan, on: source, path: path)
        }
        var outcome = Outcome()
        var hint = 0
        for field in plan.fields {
            let value = await self.field(field, on: source, parent: path, hint: &hint)
            outcome.errors += value.errors
            guard !value.hasFailed else { return Outcome(errors: outcome.errors, hasFailed: true) }
            outcome.bytes += field.key
            outcome.bytes += value.bytes
        }
        outcome.bytes.closeObject(from: 0)
        return outcome
    }

    private func concurrentFields(
        of plan: ObjectPlan, on source: ResolvedValue, path: ResponsePath?
    ) async -> Outcome {
        await withTaskGroup(of: (Int, Outcome).self) { group in
            var outcomes = [Outcome?](repeating: nil, count: plan.fields.count)
            // Awaited fields start first, in order, so that they run while the others are written.
            for (place, field) in plan.fields.enumerated() where field.isAsynchronous {
                group.addTask {
                    var hint = 0
                    return (place, await self.field(field, on: source, parent: path, hint: &hint))
                }
            }
            var hint = 0
            for (place, field) in plan.fields.enumerated() where !field.isAsynchronous {
                let outcome = self.immediateField(field, on: source, parent: path, hint: &hint)
                guard !outcome.hasFailed else {
                    group.cancelAll()
                    return outcome
                }
                outcomes[place] = outcome
            }
            for await (place, outcome) in group {
                // Nothing else of the object will be seen; what else went wrong in it need not be told (§6.4.4).
                guard !outcome.hasFailed else {
                    group.cancelAll()
                    return outcome
                }
                outcomes[place] = outcome
            }
            var whole = Outcome()
            for (field, outcome) in zip(plan.fields, outcomes) {
                whole.bytes += field.key
                whole.bytes += outcome?.bytes ?? []
                whole.errors += outcome?.errors ?? []
            }
            whole.bytes.closeObject(from: 0)
            return whole
        }
    }

    private func field(
        _ field: FieldPlan, on source: ResolvedValue, parent: ResponsePath?, hint: inout Int
    ) async -> Outcome {
        guard field.isAsynchronous else {
            return self.immediateField(field, on: source, parent: parent, hint: &hint)
        }
        guard !Task.isCancelled else { return Outcome(hasFailed: true) }
        let place = Place(field: field, parent: parent)
        let value: ResolvedValue
        do {
            switch field.source {
            case .asynchronous(let resolve): value = try await resolve(self.input(field, source, parent))
            case .immediate(let resolve): value = try resolve(self.input(field, source, parent))
            case .event: value = source
            case .lookup, .typeName:
                _ = try self.immediate.arguments(of: field)
                value = source.field(field.name, hint: &hint) ?? .null
            }
        } catch {
            return self.failure(error, field.completion, at: place)
        }
        return await self.complete(value, as: field.completion, at: place)
    }

    private func input(
        _ field: FieldPlan, _ source: ResolvedValue, _ parent: ResponsePath?
    ) throws(GraphQLError) -> ResolverInput {
        if case .failure(let error) = source {
            throw error
        }
        return ResolverInput(
            source: source, arguments: try self.immediate.arguments(of: field), context: self.context, field: field,
            parentPath: parent)
    }

    /// Completes a value below which something may have to be awaited (§6.4.3).
    private func complete(_ value: ResolvedValue, as plan: CompletionPlan, at place: Place) async -> Outcome {
        let outcome: Outcome
        switch plan.shape {
        case .list(let item) where item.holdsObjects && value.listCount != nil:
            outcome = await self.list(value, of: item, at: place)
        case .object(let object) where object.isAsynchronous && value.objectFailure("") == nil:
            outcome = await self.object(value, as: object, at: place)
        case .abstract(let abstract) where value.objectFailure("") == nil:
            do {
                let object = try self.immediate.object(of: value, as: abstract, at: place)
                outcome = await self.object(value, as: object, at: place)
            } catch {
                return self.failure(error, plan, at: place)
            }
        default:
            var executor = self.immediate
            let isWritten = executor.write(value, as: plan, at: place)
            return executor.outcome(isWritten)
        }
        guard outcome.hasFailed, !plan.isNonNull, !Task.isCancelled else { return outcome }
        return Outcome(bytes: Array("null".utf8), errors: outcome.errors)
    }

    private func object(_ value: ResolvedValue, as plan: ObjectPlan, at place: Place) async -> Outcome {
        if let failure = plan.failure {
            var executor = self.immediate
            executor.note(failure, at: place)
            return executor.outcome(false)
        }
        return await self.fields(of: plan, on: value, path: place.path, serially: false)
    }

    private func list(_ value: ResolvedValue, of item: CompletionPlan, at place: Place) async -> Outcome {
        let path = place.path
        return await withTaskGroup(of: (Int, Outcome).self) { group in
            var outcomes = [Outcome](repeating: Outcome(), count: value.listCount ?? 0)
            for index in outcomes.indices {
                let itemPlace = Place(field: place.field, parent: path, index: index)
                group.addTask {
                    (index, await self.complete(value.listItem(index), as: item, at: itemPlace))
                }
            }
            for await (index, outcome) in group {
                guard !outcome.hasFailed else {
                    group.cancelAll()
                    return outcome
                }
                outcomes[index] = outcome
            }
            var whole = Outcome()
            for outcome in outcomes {
                whole.bytes.append(UInt8(ascii: ","))
                whole.bytes += outcome.bytes
                whole.errors += outcome.errors
            }
            whole.bytes.closeList(from: 0)
            return whole
        }
    }

    // MARK: What needs no awaiting

    private var immediate: Executor {
        Executor(
            operation: self.operation, context: self.context, catalog: self.catalog,
            onInternalError: self.onInternalError)
    }

    private func immediateField(
        _ field: FieldPlan, on source: ResolvedValue, parent: ResponsePath?, hint: inout Int
    ) -> Outcome {
        var executor = self.immediate
        let isWritten = executor.writeField(field, on: source, parent: parent, hint: &hint)
        return executor.outcome(isWritten)
    }

    private func failure(_ error: any Error, _ plan: CompletionPlan, at place: Place) -> Outcome {
        var executor = self.immediate
        let isWritten = executor.writeFailure(error, plan, at: place)
        return executor.outcome(isWritten)
    }
}

extension Executor {
    /// What this executor has written.
    fileprivate func outcome(_ isWritten: Bool) -> AsynchronousExecutor.Outcome {
        .init(bytes: isWritten ? self.bytes : [], errors: self.errors, hasFailed: !isWritten)
    }
}

extension CompletionPlan {
    /// Whether objects are what is inside all lists.
    fileprivate var holdsObjects: Bool {
        switch self.shape {
        case .object, .abstract: true
        case .list(let item): item.holdsObjects
        default: false
        }
    }
}

extension ResolvedValue {
    /// The number of items of a list; nil for other values.
    fileprivate var listCount: Int? {
        switch self {
        case .list(let items): items.count
        case .json(.array(let items)): items.count
        default: nil
        }
    }

    /// The item at that index, which must exist.
    fileprivate func listItem(_ index: Int) -> ResolvedValue {
        switch self {
        case .list(let items): items[index]
        case .json(.array(let items)): .json(items[index])
        default: .null
        }
    }
}
