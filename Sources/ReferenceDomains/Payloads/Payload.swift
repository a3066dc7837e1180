import GraphQLCore

/// Reading and checking what is common to all published messages.
enum Payload {
    /// Bytes of a message, inclusive.
    static let maximumBytes = 1 << 20

    /// The members of the message, and the trace that it belongs to. A trace is taken off: it is about the message and
    /// no part of what that tells. One that is not valid is dropped.
    ///
    /// - Throws: `SkippedMessage` when it is no JSON object of at most `maximumBytes`, or belongs to another tenant.
    static func read(
        _ message: [UInt8], for channels: TenantChannels
    ) throws(SkippedMessage) -> (members: JSONObject, trace: TraceContext?) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONReader.read(message, limits: .init(bytes: self.maximumBytes))
        } catch {
            throw SkippedMessage(reason: SkipReasons.noJSON("\(error)"))
        }
        guard var members = value.objectValue else {
            throw SkippedMessage(reason: SkipReasons.noObject)
        }
        guard channels.owns(members) else {
            throw SkippedMessage(reason: SkipReasons.otherTenant)
        }
        guard members[TraceContext.name] != nil else { return (members, nil) }
        let trace = TraceContext(members)
        members[TraceContext.name] = nil
        return (members, trace)
    }

    /// A message as it is published, with the trace of the request that it is published for. Without one it is the
    /// message alone.
    static func encoded(_ message: JSONObject, in trace: TraceContext?) -> [UInt8] {
        guard let trace else { return JSONValue.object(message).encoded() }
        return JSONValue.object(message.merging(trace.member)).encoded()
    }

    /// Whether an id in a message is the given one. Publishers write ids as strings or as whole numbers.
    static func identifies(_ value: JSONValue, _ id: String) -> Bool {
        switch value {
        case .string(let text): text.utf8.elementsEqual(id.utf8)
        case .int(let number): String(number) == id
        case .number(let digits): digits == id
        default: false
        }
    }
}

extension TraceContext {
    /// As it stands among other members: of a message, or of the extensions of a result.
    var member: JSONObject { [Self.name: .string(self.text)] }
}
