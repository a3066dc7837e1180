/// GraphQL §5.4.2: an argument is given at most once.
enum UniqueArgumentNamesRule: ValidationRule {
    static let name = "UniqueArgumentNamesRule"

    static func check(_ context: ValidationContext) {
        for arguments in context.argumentLists {
            for names in arguments.map(\.name).repeated {
                context.report(
                    self, "There can be only one argument named \"\(names[0].value)\".", names.map(\.location))
            }
        }
    }
}
