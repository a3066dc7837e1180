extension ValidationContext {
    /// Notes the directives of one place.
    ///
    /// - Parameter variables: gets the variables in their arguments.
    func add(_ directives: [DirectiveNode], at location: DirectiveLocation, variables: inout [VariableUse]) {
        guard !directives.isEmpty else { return }
        self.directiveLists.append(DirectiveListUse(directives: directives))
        for directive in directives {
            let definition = self.schema.directive(named: directive.name.value)
            self.directives.append(DirectiveUse(node: directive, location: location, definition: definition))
            self.add(directive.arguments, of: definition?.arguments, variables: &variables)
        }
    }

    /// Notes the arguments of a field or directive.
    func add(_ arguments: [ArgumentNode], of definitions: InputValueSet?, variables: inout [VariableUse]) {
        guard !arguments.isEmpty else { return }
        self.argumentLists.append(arguments)
        for argument in arguments {
            let definition = definitions?[argument.name.value]
            self.values.append(ValueUse(value: argument.value, type: definition?.type))
            self.addVariables(
                in: argument.value, type: definition?.type, hasDefault: definition?.defaultValue != nil,
                to: &variables)
        }
    }

    private func addVariables(
        in value: ValueNode, type: TypeReference?, hasDefault: Bool, oneOf: InputObjectType? = nil,
        to variables: inout [VariableUse]
    ) {
        switch value.kind {
        case .variable(let name):
            variables.append(
                VariableUse(
                    name: name, location: value.location, type: type, hasDefault: hasDefault, oneOf: oneOf))
        case .list(let items):
            // An item of a list where no list is expected takes the expected type itself.
            var itemType = type?.nullable
            if case .list(let inner) = itemType { itemType = inner }
            for item in items { self.addVariables(in: item, type: itemType, hasDefault: false, to: &variables) }
        case .object(let fields):
            var input: InputObjectType?
            if let type, case .inputObject(let object) = self.schema.namedType(of: type) { input = object }
            for field in fields {
                let definition = input?.fields[field.name.value]
                self.addVariables(
                    in: field.value, type: definition?.type, hasDefault: definition?.defaultValue != nil,
                    oneOf: input?.isOneOf == true ? input : nil, to: &variables)
            }
        case .int, .float, .string, .boolean, .null, .enumeration:
            break
        }
    }
}
