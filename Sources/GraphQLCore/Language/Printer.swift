/// Turns a syntax tree into canonical text: two spaces a level, one selection a line, as the reference implementation
/// prints it. Parsing the text again gives an equal tree, apart from locations.
package struct Printer {
    var text = ""
    private var indent = 0

    /// The document, definitions apart by a blank line, without a line end after the last.
    package static func print(_ document: Document) -> String {
        var printer = Printer()
        for (number, definition) in document.definitions.enumerated() {
            // Behind a type without members, `{` would be read as the beginning of its members.
            let mayBeShort = printer.text.isEmpty || printer.text.utf8.last == UInt8(ascii: "}")
            if number > 0 { printer.text += "\n\n" }
            printer.write(definition, mayBeShort: mayBeShort)
        }
        return printer.text
    }

    /// The value on one line, apart from block strings.
    package static func print(_ value: ValueNode) -> String {
        var printer = Printer()
        printer.write(value)
        return printer.text
    }

    /// Adds text, indenting its lines but the first.
    mutating func write(_ addition: String) {
        guard self.indent > 0, addition.utf8.contains(UInt8(ascii: "\n")) else {
            self.text += addition
            return
        }
        let space = String(repeating: "  ", count: self.indent)
        for (number, line) in addition.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            if number > 0 { self.text += "\n" + space }
            self.text.unicodeScalars += line
        }
    }

    /// Starts a line.
    mutating func newLine() {
        self.text += "\n" + String(repeating: "  ", count: self.indent)
    }

    /// Adds items in braces, each on its own lines; nothing if there is none.
    mutating func writeBlock<Item>(_ items: [Item], before: String = " ", _ write: (inout Printer, Item) -> Void) {
        guard !items.isEmpty else { return }
        self.text += before + "{"
        self.indented { printer in
            for item in items {
                printer.newLine()
                write(&printer, item)
            }
        }
        self.newLine()
        self.text += "}"
    }

    /// Runs the body one level further in.
    mutating func indented(_ body: (inout Printer) -> Void) {
        self.indent += 1
        body(&self)
        self.indent -= 1
    }

    /// Adds items with a separator between each two.
    mutating func writeJoined<Item>(
        _ items: [Item], separator: String, _ write: (inout Printer, Item) -> Void
    ) {
        for (number, item) in items.enumerated() {
            if number > 0 { self.text += separator }
            write(&self, item)
        }
    }

    // MARK: Values

    /// Adds a value (GraphQL §2.9).
    mutating func write(_ value: ValueNode) {
        switch value.kind {
        case .variable(let name): self.text += "$" + name.value
        case .int(let digits): self.text += digits
        case .float(let digits): self.text += digits
        case .string(let string, let block): self.write(StringPrinter.print(string, isBlock: block))
        case .boolean(let flag): self.text += flag ? "true" : "false"
        case .null: self.text += "null"
        case .enumeration(let name): self.text += name
        case .list(let values):
            self.text += "["
            self.writeJoined(values, separator: ", ") { $0.write($1) }
            self.text += "]"
        case .object(let fields):
            self.text += "{"
            self.writeJoined(fields, separator: ", ") { printer, field in
                printer.text += field.name.value + ": "
                printer.write(field.value)
            }
            self.text += "}"
        }
    }

    // MARK: Arguments and directives

    /// Adds directives, each after a space.
    mutating func write(_ directives: [DirectiveNode]) {
        for directive in directives {
            self.text += " @" + directive.name.value
            self.writeArguments(directive.arguments)
        }
    }

    /// Adds arguments in parentheses on one line; nothing if there is none.
    mutating func writeArguments(_ arguments: [ArgumentNode]) {
        guard !arguments.isEmpty else { return }
        self.text += "("
        self.writeJoined(arguments, separator: ", ") { $0.write($1) }
        self.text += ")"
    }

    mutating func write(_ argument: ArgumentNode) {
        self.text += argument.name.value + ": "
        self.write(argument.value)
    }

    /// Adds a description and a line end, if there is one.
    mutating func write(_ description: StringNode?) {
        guard let description else { return }
        self.write(StringPrinter.print(description.value, isBlock: description.isBlock))
        self.newLine()
    }
}
