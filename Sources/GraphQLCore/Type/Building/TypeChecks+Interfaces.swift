extension TypeChecks {
    /// Checks that an object or interface implements what it claims to (GraphQL §3.6, "IsValidImplementation").
    mutating func checkInterfaces(_ type: DraftType) {
        var seen: [String: NameNode] = [:]
        for name in type.interfaces {
            guard let interface = self.draft.type(name.value), interface.kind == .interface else {
                self.report(
                    "Type \(type.name) must only implement Interface types, it cannot implement \(name.value).",
                    [name.location])
                continue
            }
            if interface.name == type.name {
                self.report(
                    "Type \(type.name) cannot implement itself because it would create a circular reference.",
                    [name.location])
                continue
            }
            if let first = seen[name.value] {
                self.report(
                    "Type \(type.name) can only implement \(name.value) once.", [first.location, name.location])
                continue
            }
            seen[name.value] = name
            self.checkAncestors(of: type, over: interface, at: name)
            self.check(type, implements: interface)
        }
    }

    /// Implementing an interface means to declare what that interface implements, too.
    private mutating func checkAncestors(
        of type: DraftType, over interface: DraftType, at name: NameNode
    ) {
        let declared = Set(type.interfaces.map(\.value))
        for ancestor in interface.interfaces where !declared.contains(ancestor.value) {
            let message =
                ancestor.value == type.name
                ? "Type \(type.name) cannot implement \(interface.name) because it would create a circular reference."
                : "Type \(type.name) must implement \(ancestor.value) because it is implemented by \(interface.name)."
            self.report(message, [ancestor.location, name.location])
        }
    }

    private mutating func check(_ type: DraftType, implements interface: DraftType) {
        let fields = Dictionary(
            type.fields.map { ($0.name.value, $0) }, uniquingKeysWith: { first, _ in first })
        for expected in interface.fields {
            let label = "\(interface.name).\(expected.name.value)"
            guard let field = fields[expected.name.value] else {
                self.report(
                    "Interface field \(label) expected but \(type.name) does not provide it.",
                    [expected.location] + type.locations)
                continue
            }
            let own = "\(type.name).\(field.name.value)"
            if let fieldType = self.schema.type(of: field.type), let expectedType = self.schema.type(of: expected.type),
                !self.schema.isSubtype(fieldType, of: expectedType)
            {
                self.report(
                    "Interface field \(label) expects type \(expected.type) but \(own) is type \(field.type).",
                    [expected.type.location, field.type.location])
            }
            self.checkArguments(of: field, own, against: expected, label)
            // Who asks the interface would not see that the field should no longer be used.
            if let deprecated = field.directives.first(where: { $0.name.value == "deprecated" }),
                !expected.directives.contains(where: { $0.name.value == "deprecated" })
            {
                self.report(
                    "Interface field \(label) is not deprecated, so implementation field \(own) must not be deprecated.",
                    [expected.location, deprecated.location])
            }
        }
    }

    private mutating func checkArguments(
        of field: FieldDefinitionNode, _ own: String, against expected: FieldDefinitionNode, _ label: String
    ) {
        for expectedArgument in expected.arguments {
            let name = expectedArgument.name.value
            guard let argument = field.arguments.first(where: { $0.name.value == name }) else {
                self.report(
                    "Interface field argument \(label)(\(name):) expected but \(own) does not provide it.",
                    [expectedArgument.location, field.location])
                continue
            }
            if argument.type.description != expectedArgument.type.description {
                self.report(
                    "Interface field argument \(label)(\(name):) expects type \(expectedArgument.type) "
                        + "but \(own)(\(name):) is type \(argument.type).",
                    [expectedArgument.type.location, argument.type.location])
            }
        }
        let known = Set(expected.arguments.map(\.name.value))
        for argument in field.arguments where !known.contains(argument.name.value) {
            guard case .nonNull = argument.type, argument.defaultValue == nil else { continue }
            self.report(
                "Object field \(own) includes required argument \(argument.name.value) "
                    + "that is missing from the Interface field \(label).",
                [argument.location, expected.location])
        }
    }
}
