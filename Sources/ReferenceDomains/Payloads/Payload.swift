import GraphQLCore

/// Reading and checking what is common to all published messages.
enum Payload {
    /// Bytes of a message, inclusive.
    static let maximumBytes = 1 << 20

    /// The members of the message.
    ///
    /// - Throws: `SkippedMessage` when it is no JSON object of at most `maximumBytes`, or belongs to another tenant.
    static func read(_ message: [UInt8], for channels: TenantChannels) throws(SkippedMessage) -> JSONObject {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONReader.read(message, limits: .init(bytes: self.maximumBytes))
        } catch {
            throw SkippedMessage(reason: SkipReasons.noJSON("\(error)"))
        }
        guard let members = value.objectValue else {
            throw SkippedMessage(reason: SkipReasons.noObject)
        }
        guard channels.owns(members) else {
            throw SkippedMessage(reason: SkipReasons.otherTenant)
        }
        return members
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
