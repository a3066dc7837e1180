import GraphQLCore

/// A kind of event that the command line publishes: how its fields are written, and the mutation that takes them.
protocol PublishableEvent: Sendable {
    /// The mutation; what it gives is an object.
    var document: String { get }
    /// The fields, by the options that give them, such as `--signal-strength`.
    var options: [String: FieldOption] { get }
    /// The variables of the mutation.
    func variables(_ fields: JSONObject) -> JSONObject
    /// The fields of an event that came as one object.
    func fields(_ members: JSONObject) -> JSONObject
    /// What became of it, as the end of a sentence, from what the mutation gave.
    func outcome(_ result: JSONObject) -> String
}

/// A field that is given by an option.
struct FieldOption {
    let name: String
    /// The text as JSON of the kind that the field takes; text that is none stays text, to be refused with a reason.
    let read: (String) -> JSONValue

    /// `--signal-strength` for `signal_strength`.
    static func spelling(_ snakeCase: String) -> String {
        "--" + snakeCase.map { $0 == "_" ? "-" : $0 }
    }
}

extension PublishableEvent {
    /// Parts options that are fields, such as `--signal-strength 85`, from others.
    ///
    /// - Throws: `Settings.UsageError` for a field without a value, or given twice.
    func split(_ arguments: [String]) throws -> (fields: JSONObject, others: [String]) {
        let options = self.options
        var fields = JSONObject()
        var others: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let spelling = parts.first.map(String.init), let option = options[spelling] else {
                others.append(argument)
                continue
            }
            guard let text = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                throw Settings.UsageError(description: "\(spelling) needs a value")
            }
            guard fields[option.name] == nil else {
                throw Settings.UsageError(description: "\(spelling) is given twice")
            }
            fields[option.name] = option.read(text)
        }
        return (fields, others)
    }

    /// Reads one event.
    ///
    /// - Throws: `EventPublication.Refused` when the line is no JSON object.
    func read(line: String) throws -> JSONObject {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONReader.read(line)
        } catch {
            throw EventPublication.Refused("not JSON: \(error)")
        }
        guard let members = value.objectValue else { throw EventPublication.Refused("not a JSON object") }
        return self.fields(members)
    }
}
