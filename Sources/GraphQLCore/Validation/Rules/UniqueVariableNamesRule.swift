/// GraphQL §5.8.1: each variable of an operation has a name of its own.
enum UniqueVariableNamesRule: ValidationRule {
    static let name = "UniqueVariableNamesRule"

    static func check(_ context: ValidationContext) {
        for operation in context.operations {
            for names in operation.node.variables.map(\.name).repeated {
                context.report(
                    self, "There can be only one variable named \"$\(names[0].value)\".", names.map(\.location))
            }
        }
    }
}

extension [NameNode] {
    /// The names that occur more than once, each with all its occurrences; in the order of their first.
    var repeated: [[NameNode]] {
        guard self.count > 1 else { return [] }
        var groups: [[NameNode]] = []
        var places: [String: Int] = [:]
        for name in self {
            if let place = places[name.value] {
                groups[place].append(name)
            } else {
                places[name.value] = groups.count
                groups.append([name])
            }
        }
        return groups.filter { $0.count > 1 }
    }
}
