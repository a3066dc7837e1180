extension Printer {
    /// The longest line of a field with its arguments before they get lines of their own, in code points.
    private static let longestLine = 80

    /// - Parameter mayBeShort: whether an anonymous query may be written as its selection set alone.
    mutating func write(_ definition: DefinitionNode, mayBeShort: Bool) {
        switch definition {
        case .operation(let node): self.write(node, mayBeShort: mayBeShort)
        case .fragment(let node): self.write(node)
        case .schema(let node): self.write(node)
        case .type(let node): self.write(node)
        case .directive(let node): self.write(node)
        }
    }

    private mutating func write(_ operation: OperationDefinitionNode, mayBeShort: Bool) {
        let isShorthand =
            mayBeShort && operation.kind == .query && operation.description == nil && operation.name == nil
            && operation.variables.isEmpty && operation.directives.isEmpty
        if isShorthand {
            self.write(operation.selectionSet, before: "")
            return
        }
        self.write(operation.description)
        self.text += operation.kind.rawValue
        if operation.name != nil || !operation.variables.isEmpty { self.text += " " }
        self.text += operation.name?.value ?? ""
        self.write(operation.variables)
        self.write(operation.directives)
        self.write(operation.selectionSet)
    }

    private mutating func write(_ variables: [VariableDefinitionNode]) {
        guard !variables.isEmpty else { return }
        // A description stands on lines of its own, so that all variables then do.
        guard variables.contains(where: { $0.description != nil }) else {
            self.text += "("
            self.writeJoined(variables, separator: ", ") { $0.write($1) }
            self.text += ")"
            return
        }
        self.text += "("
        self.indented { printer in
            for variable in variables {
                printer.newLine()
                printer.write(variable)
            }
        }
        self.newLine()
        self.text += ")"
    }

    private mutating func write(_ variable: VariableDefinitionNode) {
        self.write(variable.description)
        self.text += "$\(variable.name.value): \(variable.type)"
        if let value = variable.defaultValue {
            self.text += " = "
            self.write(value)
        }
        self.write(variable.directives)
    }

    private mutating func write(_ fragment: FragmentDefinitionNode) {
        self.write(fragment.description)
        self.text += "fragment \(fragment.name.value) on \(fragment.typeCondition.value)"
        self.write(fragment.directives)
        self.write(fragment.selectionSet)
    }

    private mutating func write(_ selectionSet: SelectionSetNode, before: String = " ") {
        self.writeBlock(selectionSet.selections, before: before) { $0.write($1) }
    }

    private mutating func write(_ selection: SelectionNode) {
        switch selection {
        case .field(let field):
            self.write(field)
        case .fragmentSpread(let spread):
            self.text += "..." + spread.name.value
            self.write(spread.directives)
        case .inlineFragment(let fragment):
            self.text += "..."
            if let condition = fragment.typeCondition { self.text += " on " + condition.value }
            self.write(fragment.directives)
            self.write(fragment.selectionSet)
        }
    }

    private mutating func write(_ field: FieldNode) {
        let prefix = (field.alias.map { $0.value + ": " } ?? "") + field.name.value
        if !field.arguments.isEmpty {
            // Whether the arguments fit is asked of the line without its indentation.
            var line = Printer()
            line.writeArguments(field.arguments)
            if (prefix + line.text).unicodeScalars.count > Printer.longestLine {
                self.text += prefix + "("
                self.indented { printer in
                    for argument in field.arguments {
                        printer.newLine()
                        printer.write(argument)
                    }
                }
                self.newLine()
                self.text += ")"
            } else {
                self.text += prefix
                self.write(line.text)
            }
        } else {
            self.text += prefix
        }
        self.write(field.directives)
        if let selectionSet = field.selectionSet { self.write(selectionSet) }
    }
}
