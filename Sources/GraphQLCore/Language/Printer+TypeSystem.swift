extension Printer {
    mutating func write(_ schema: SchemaDefinitionNode) {
        self.write(schema.description)
        self.text += schema.isExtension ? "extend schema" : "schema"
        self.write(schema.directives)
        self.writeBlock(schema.operationTypes) { printer, node in
            printer.text += "\(node.operation.rawValue): \(node.type.value)"
        }
    }

    mutating func write(_ type: TypeDefinitionNode) {
        self.write(type.description)
        self.text += (type.isExtension ? "extend " : "") + type.kind.keyword + " " + type.name.value
        if !type.interfaces.isEmpty {
            self.text += " implements " + type.interfaces.map(\.value).joined(separator: " & ")
        }
        self.write(type.directives)
        switch type.members {
        case .none:
            break
        case .fields(let fields):
            self.writeBlock(fields) { $0.write($1) }
        case .types(let types):
            if !types.isEmpty { self.text += " = " + types.map(\.value).joined(separator: " | ") }
        case .values(let values):
            self.writeBlock(values) { printer, value in
                printer.write(value.description)
                printer.text += value.name.value
                printer.write(value.directives)
            }
        case .inputFields(let fields):
            self.writeBlock(fields) { $0.write($1) }
        }
    }

    mutating func write(_ directive: DirectiveDefinitionNode) {
        self.write(directive.description)
        self.text += "directive @" + directive.name.value
        self.writeArgumentDefinitions(directive.arguments)
        if directive.isRepeatable { self.text += " repeatable" }
        self.text += " on " + directive.locations.map(\.rawValue).joined(separator: " | ")
    }

    private mutating func write(_ field: FieldDefinitionNode) {
        self.write(field.description)
        self.text += field.name.value
        self.writeArgumentDefinitions(field.arguments)
        self.text += ": \(field.type)"
        self.write(field.directives)
    }

    private mutating func write(_ value: InputValueDefinitionNode) {
        self.write(value.description)
        self.text += "\(value.name.value): \(value.type)"
        if let defaultValue = value.defaultValue {
            self.text += " = "
            self.write(defaultValue)
        }
        self.write(value.directives)
    }

    /// Adds argument definitions in parentheses: on one line, unless one of them has lines itself.
    private mutating func writeArgumentDefinitions(_ arguments: [InputValueDefinitionNode]) {
        guard !arguments.isEmpty else { return }
        var line = Printer()
        line.writeJoined(arguments, separator: ", ") { $0.write($1) }
        guard line.text.utf8.contains(UInt8(ascii: "\n")) else {
            self.text += "(" + line.text + ")"
            return
        }
        self.text += "("
        self.indented { printer in
            for argument in arguments {
                printer.newLine()
                printer.write(argument)
            }
        }
        self.newLine()
        self.text += ")"
    }
}
