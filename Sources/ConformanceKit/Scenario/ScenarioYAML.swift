import Yams

/// Reads YAML into nodes that know their place.
enum ScenarioYAML {
    /// The one document of a file.
    static func read(_ text: String, file: String) throws(ScenarioError) -> ScenarioNode {
        let node: Node?
        do {
            node = try Yams.compose(yaml: self.guardingMarks(text))
        } catch let error as YamlError {
            throw self.problem(error, file: file)
        } catch {
            throw ScenarioError(file: file, line: 1, column: 1, problem: "cannot be read: \(error)", hint: "")
        }
        guard let node else {
            throw ScenarioError(file: file, line: 1, column: 1, problem: "the file is empty", hint: "")
        }
        return try self.convert(node, file: file)
    }

    /// The YAML library drops U+FEFF at the start of a string, as if it were a file. A scalar for private use in front
    /// of it keeps it; it is taken away again.
    private static let guardScalar: Unicode.Scalar = "\u{F8FE}"

    private static func guardingMarks(_ text: String) -> String {
        text.replacing("\"\\uFEFF", with: "\"\\uF8FE\\uFEFF").replacing("\"\\ufeff", with: "\"\\uF8FE\\uFEFF")
    }

    private static func withoutGuard(_ text: String) -> String {
        guard text.unicodeScalars.first == self.guardScalar else { return text }
        return String(text.unicodeScalars.dropFirst())
    }

    private static func problem(_ error: YamlError, file: String) -> ScenarioError {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            return ScenarioError(
                file: file, line: mark.line, column: mark.column, problem: "not YAML: \(problem)",
                hint: context?.text ?? "")
        case .duplicatedKeysInMapping(let duplicates, let context):
            return ScenarioError(
                file: file, line: context.mark.line, column: context.mark.column,
                problem:
                    "a key stands twice in this mapping: \(duplicates.map { "`\($0)`" }.sorted().joined(separator: ", "))",
                hint: "keep one of them")
        default:
            return ScenarioError(file: file, line: 1, column: 1, problem: "not YAML: \(error)", hint: "")
        }
    }

    private static func convert(_ node: Node, file: String) throws(ScenarioError) -> ScenarioNode {
        let line = node.mark?.line ?? 1
        let column = node.mark?.column ?? 1
        switch node {
        case .scalar(let scalar):
            guard scalar.style == .plain || scalar.style == .any else {
                return ScenarioNode(
                    content: .value(.string(self.withoutGuard(scalar.string))), line: line, column: column)
            }
            if self.isTrap(scalar.string) {
                throw ScenarioError(
                    file: file, line: line, column: column,
                    problem:
                        "the bare word `\(scalar.string)` is a boolean for some YAML readers and a string for others",
                    hint: "quote it, or write true or false")
            }
            return ScenarioNode(content: .value(self.resolve(scalar.string)), line: line, column: column)
        case .sequence(let sequence):
            var items: [ScenarioNode] = []
            for item in sequence { items.append(try self.convert(item, file: file)) }
            return ScenarioNode(content: .list(items), line: line, column: column)
        case .mapping(let mapping):
            var entries: [ScenarioNode.Entry] = []
            for (key, value) in mapping {
                let keyLine = key.mark?.line ?? line
                let keyColumn = key.mark?.column ?? column
                guard case .scalar(let name) = key else {
                    throw ScenarioError(
                        file: file, line: keyLine, column: keyColumn, problem: "a key has to be a word", hint: "")
                }
                if self.isTrap(name.string), name.style == .plain || name.style == .any {
                    throw ScenarioError(
                        file: file, line: keyLine, column: keyColumn,
                        problem: "the key `\(name.string)` is a boolean for some YAML readers",
                        hint: "rename or quote it")
                }
                entries.append(
                    .init(
                        key: name.string, line: keyLine, column: keyColumn, value: try self.convert(value, file: file)))
            }
            return ScenarioNode(content: .map(entries), line: line, column: column)
        case .alias:
            throw ScenarioError(
                file: file, line: line, column: column, problem: "an alias without its anchor", hint: "")
        }
    }

    /// Words that YAML 1.1 reads as booleans and YAML 1.2 as strings.
    private static func isTrap(_ word: String) -> Bool {
        ["on", "off", "yes", "no", "y", "n"].contains(word.lowercased())
    }

    /// The core schema of YAML 1.2, without octal, hexadecimal, infinity and not-a-number.
    private static func resolve(_ word: String) -> JSON {
        switch word {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default:
            // Exactly the numbers of JSON; everything else is a string.
            if let first = word.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first),
                case .number(let digits)? = try? JSONParser.parse(Array(word.utf8))
            {
                return .number(digits)
            }
            return .string(word)
        }
    }
}
