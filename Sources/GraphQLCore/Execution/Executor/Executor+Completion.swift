/// Completing values to their types (GraphQL §6.4.3).
extension Executor {
    /// Writes a value as its type asks for it.
    /// - Returns: false, with nothing written, when it failed and must not be null; the error has been noted.
    mutating func write(_ value: ResolvedValue, as plan: CompletionPlan, at place: Place) -> Bool {
        let start = self.bytes.count
        if self.writeValue(value, as: plan, at: place) {
            return true
        }
        self.bytes.truncate(to: start)
        guard !plan.isNonNull, !self.isCancelled else { return false }
        self.bytes.append(ascii: "null")
        return true
    }

    private mutating func writeValue(_ value: ResolvedValue, as plan: CompletionPlan, at place: Place) -> Bool {
        switch value {
        case .null, .json(.null):
            guard plan.isNonNull else {
                self.bytes.append(ascii: "null")
                return true
            }
            return self.fail(
                "Cannot return null for non-nullable field \(place.field.parentTypeName).\(place.field.name).", place)
        case .failure(let error):
            self.note(error, at: place)
            return false
        default:
            break
        }
        switch plan.shape {
        case .object(let object):
            return self.writeObject(value, as: object, at: place)
        case .abstract(let abstract):
            do {
                let object = try self.object(of: value, as: abstract, at: place)
                return self.writeObject(value, as: object, at: place)
            } catch {
                self.note(error, at: place)
                return false
            }
        case .list(let item):
            return self.writeList(value, of: item, at: place)
        default:
            do {
                try self.bytes.appendLeaf(value, as: plan.shape)
                return true
            } catch {
                self.note(error, at: place)
                return false
            }
        }
    }

    private mutating func writeObject(_ value: ResolvedValue, as plan: ObjectPlan, at place: Place) -> Bool {
        if let failure = plan.failure ?? value.objectFailure(plan.typeName) {
            self.note(failure, at: place)
            return false
        }
        return self.writeFields(of: plan, on: value, path: place.path)
    }

    private mutating func writeList(_ value: ResolvedValue, of item: CompletionPlan, at place: Place) -> Bool {
        let start = self.bytes.count
        let path = place.path
        var itemPlace = Place(field: place.field, parent: path, index: 0)
        switch value {
        case .list(let items):
            for (index, value) in items.enumerated() {
                itemPlace.index = index
                guard self.writeItem(value, as: item, at: itemPlace) else { return false }
            }
        case .json(.array(let items)):
            for (index, value) in items.enumerated() {
                itemPlace.index = index
                guard self.writeItem(.json(value), as: item, at: itemPlace) else { return false }
            }
        default:
            return self.fail(Self.notAList(place), place)
        }
        self.bytes.closeList(from: start)
        return true
    }

    private mutating func writeItem(_ value: ResolvedValue, as plan: CompletionPlan, at place: Place) -> Bool {
        self.bytes.append(UInt8(ascii: ","))
        return self.write(value, as: plan, at: place)
    }

    /// The selected fields of a value of an interface or union (§6.4.3, ResolveAbstractType).
    /// - Throws: when the object type cannot be told or is none of the possible ones.
    func object(of value: ResolvedValue, as plan: AbstractPlan, at place: Place) throws -> ObjectPlan {
        let name: String?
        if let resolver = self.catalog.typeResolver(of: plan.type) {
            name = try resolver(value, self.context)
        } else {
            name = value.typeName
        }
        guard let name else {
            throw GraphQLError(
                message: "Abstract type \"\(plan.type.name)\" must resolve to an Object type at runtime for field "
                    + "\"\(place.field.parentTypeName).\(place.field.name)\".")
        }
        guard let type = self.catalog.schema.type(named: name) else {
            throw GraphQLError(
                message: "Abstract type \"\(plan.type.name)\" was resolved to a type \"\(name)\" that does not exist "
                    + "inside the schema.")
        }
        guard case .object(let object) = type else {
            throw GraphQLError(
                message: "Abstract type \"\(plan.type.name)\" was resolved to a non-object type \"\(name)\".")
        }
        guard self.catalog.schema.isPossible(object, for: plan.type) else {
            throw GraphQLError(
                message: "Runtime Object type \"\(name)\" is not a possible type for \"\(plan.type.name)\".")
        }
        return plan.plan(for: object)
    }

    /// Notes an error with that message.
    /// - Returns: false.
    mutating func fail(_ message: String, _ place: Place) -> Bool {
        self.note(GraphQLError(message: message), at: place)
        return false
    }

    static func notAList(_ place: Place) -> String {
        "Expected Iterable, but did not find one for field \"\(place.field.parentTypeName).\(place.field.name)\"."
    }
}

extension ResolvedValue {
    /// Why this value cannot be an object of that type; nil when it can.
    func objectFailure(_ typeName: String) -> GraphQLError? {
        switch self {
        case .record, .object, .json(.object): return nil
        default:
            return GraphQLError(
                message: "Expected value of type \"\(typeName)\" but got: \(Inspection.text(of: self)).")
        }
    }
}
