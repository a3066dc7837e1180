import GraphQLCore
import ReferenceDomains

/// Reads the payload of an operations event from options and from lines of JSON; members that its stream does not know
/// can be given in lines only, and are carried along.
struct OperationsInput: PublishableEvent {
    let type: OperationsEventType

    let document = """
        mutation($eventType: String!, $payload: JSON!) { \
        publishOperationsEvent(eventType: $eventType, payload: $payload) { id } }
        """

    var options: [String: FieldOption] {
        var options = [FieldOption.spelling("timestamp"): FieldOption(name: "timestamp") { .string($0) }]
        for member in OperationsPayload.of(self.type.stream).members {
            options[FieldOption.spelling(member.name)] = FieldOption(name: member.name) { text in
                switch member.kind {
                case .number, .object: (try? JSONReader.read(text)) ?? .string(text)
                case .text, .oneOf: .string(text)
                }
            }
        }
        return options
    }

    func variables(_ fields: JSONObject) -> JSONObject {
        ["eventType": .string(self.type.rawValue), "payload": .object(fields)]
    }

    func fields(_ members: JSONObject) -> JSONObject { members }

    func outcome(_ result: JSONObject) -> String { "as \(result["id"]?.stringValue ?? "an event")" }
}
