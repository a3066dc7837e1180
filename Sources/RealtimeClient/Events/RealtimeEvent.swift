/// Something that a server told.
public struct RealtimeEvent: Sendable, Hashable {
    /// Such as `onu.online`; `next` for the result of a GraphQL subscription, `message` when the server named none.
    public let type: String
    /// By which a stream goes on where it stopped; nil when the server gave none.
    public let id: String?
    /// The payload as it came; JSON from every server that this client is made for.
    public let text: String
    /// The payload as a value; nil when it is not JSON.
    public let payload: PayloadValue?

    /// - Parameter text: The payload as it came.
    public init(type: String, id: String? = nil, text: String) {
        self.type = type
        self.id = id
        self.text = text
        self.payload = PayloadValue(text: text)
    }

    /// A member of the payload, such as `event["onu_serial"]?.text`.
    public subscript(member: String) -> PayloadValue? { self.payload?[member] }
}
