/// Finds directives that are applied within their own definition, directly or through types and other directives
/// (GraphQL §3.13, "Type Validation").
struct DirectiveCycleChecks {
    /// A directive or a type.
    private enum Part: Hashable {
        case directive(String)
        case type(String)
    }

    /// The problems with the directives of a draft.
    static func errors(of draft: SchemaDraft) -> [GraphQLError] {
        var uses: [Part: Set<Part>] = [:]
        for directive in draft.directives {
            uses[.directive(directive.name.value)] = self.parts(of: directive.arguments)
        }
        for type in draft.types {
            var parts = self.parts(of: type.directives).union(self.parts(of: type.inputFields))
            for value in type.values { parts.formUnion(self.parts(of: value.directives)) }
            uses[.type(type.name)] = parts
        }
        return draft.directives.prefix(draft.ownDirectiveCount).compactMap { directive in
            let part = Part.directive(directive.name.value)
            guard self.reaches(part, from: uses[part] ?? [], uses) else { return nil }
            return GraphQLError(
                message: "Directive \"@\(directive.name.value)\" cannot reference itself, directly or indirectly.",
                location: directive.location)
        }
    }

    private static func parts(of directives: [DirectiveNode]) -> Set<Part> {
        Set(directives.map { .directive($0.name.value) })
    }

    private static func parts(of values: [InputValueDefinitionNode]) -> Set<Part> {
        var parts: Set<Part> = []
        for value in values {
            parts.formUnion(self.parts(of: value.directives))
            parts.insert(.type(value.type.namedType.value))
        }
        return parts
    }

    private static func reaches(_ goal: Part, from start: Set<Part>, _ uses: [Part: Set<Part>]) -> Bool {
        var seen = start
        var open = Array(start)
        while let part = open.popLast() {
            if part == goal { return true }
            for next in uses[part] ?? [] where seen.insert(next).inserted { open.append(next) }
        }
        return false
    }
}
