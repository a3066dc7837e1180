import GraphQLCore
import SubscriptionProtocols

// How texts are misread before they are looked at as messages.
extension SocketDeviation {
    /// The JSON value for which the server takes a text; nil when it says nothing about it.
    func misread(_ text: String, limits: JSONReader.Limits, _ socket: TransportWSSpeaker) throws(JSONError)
        -> JSONValue?
    {
        switch self.misbehaviour {
        case .messageTypeFoundInText:
            guard case .object(var members) = try JSONReader.read(text, limits: limits) else { return .null }
            members["type"] = Self.type(in: text).map { .string($0) }
            return .object(members)
        case .duplicateMembersMute:
            let names = Self.memberNames(of: text)
            guard Set(names).count == names.count else { return Optional.none }
            return try JSONReader.read(text, limits: limits)
        default: break
        }
        do throws(JSONError) {
            return try JSONReader.read(text, limits: limits)
        } catch {
            let bytes = Array(text.utf8)
            switch (self.misbehaviour, error.reason) {
            case (.trailingTextIgnored, .trailingBytes):
                return try JSONReader.read(Array(bytes[..<error.offset]), limits: limits)
            case (.loneSurrogatesSent, .loneSurrogate):
                return try self.misread(Self.withoutEscapedSurrogates(text), limits: limits, socket)
            case (.deepJSONClosesAllSockets, .tooDeep):
                self.closeOthers(than: socket)
            default: break
            }
            throw error
        }
    }

    /// Every other socket is closed, as if the whole server had failed.
    func closeOthers(than socket: TransportWSSpeaker) {
        self.shared.forAll(but: socket) { other in
            other.perform(other.session.closing(Close(.unexpectedCondition, "Internal server error")))
            other.flush()
        }
    }

    /// What stands behind the first `"type":"`.
    private static func type(in text: String) -> String? {
        let bytes = Array(text.utf8)
        guard let start = bytes.firstRange(of: Array(#""type":""#.utf8)) else { return nil }
        return String(decoding: bytes[start.upperBound...].prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
    }

    /// The names of the members of the outermost object, as they are written.
    private static func memberNames(of text: String) -> [String] {
        var (names, name, depth, isInString, isEscaped) = ([String](), "", 0, false, false)
        for character in text.unicodeScalars {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if character == "\\" {
                    isEscaped = true
                } else if character == "\"" {
                    isInString = false
                    continue
                }
                name.unicodeScalars.append(character)
                continue
            }
            switch character {
            case "\"": (isInString, name) = (true, "")
            case ":" where depth == 1: names.append(name)
            case "{", "[": depth += 1
            case "}", "]": depth -= 1
            default: break
            }
        }
        return names
    }

    /// The text with a replacement character for each escape that is half a pair.
    private static func withoutEscapedSurrogates(_ text: String) -> String {
        var rest = Array(text.utf8)[...]
        var bytes: [UInt8] = []
        while let byte = rest.first {
            guard let unit = self.escapedUnit(rest) else {
                // A backslash and what it escapes stay together.
                let count = byte == UInt8(ascii: "\\") ? min(2, rest.count) : 1
                bytes += rest.prefix(count)
                rest = rest.dropFirst(count)
                continue
            }
            let next = self.escapedUnit(rest.dropFirst(6))
            if (0xD800...0xDBFF).contains(unit), let next, (0xDC00...0xDFFF).contains(next) {
                bytes += rest.prefix(12)
                rest = rest.dropFirst(12)
            } else {
                bytes += (0xD800...0xDFFF).contains(unit) ? [0xEF, 0xBF, 0xBD] : Array(rest.prefix(6))
                rest = rest.dropFirst(6)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The code unit of an escape at the beginning.
    private static func escapedUnit(_ bytes: ArraySlice<UInt8>) -> UInt16? {
        guard bytes.starts(with: Array(#"\u"#.utf8)) else { return nil }
        return UInt16(String(decoding: bytes.dropFirst(2).prefix(4), as: UTF8.self), radix: 16)
    }

    // MARK: Values

    /// The message for which the server takes a JSON value.
    /// - Throws: `InvalidMessage` for what it does not take.
    func misread(_ value: JSONValue) throws(InvalidMessage) -> JSONValue {
        guard case .object(var members) = value else { return value }
        let type = members["type"]?.stringValue ?? ""
        switch self.misbehaviour {
        case .typeCaseIgnored:
            members["type"] = members["type"].map { $0.stringValue == nil ? $0 : .string(type.trimmed.lowercased()) }
        case .typesOfLegacyAccepted:
            let names = ["start": "subscribe", "stop": "complete", "init": "connection_init", "ka": "pong"]
            if let name = names[type] { members["type"] = .string(name) }
        case .missingIDInvented where type == "subscribe" && (members["id"] == nil || members["id"] == ""):
            members["id"] = "1"
        case .nullMembersRefused:
            let payload = members["payload"]?.objectValue ?? [:]
            if type == "subscribe", payload.contains(where: { $0.value == .null }) { throw .payload }
        case .unknownMembersRefused:
            let known: Set = ["id", "type", "payload"]
            let knownInside: Set = ["query", "operationName", "variables", "extensions"]
            let payload = type == "subscribe" ? members["payload"]?.objectValue ?? [:] : [:]
            guard known.isSuperset(of: members.keys), knownInside.isSuperset(of: payload.keys) else { throw .payload }
        case .initPayloadUnchecked where type == "connection_init",
            .pingPayloadUnchecked where type == "ping" || type == "pong":
            if members["payload"]?.objectValue == nil { members["payload"] = nil }
        case .initPayloadRefused where type == "connection_init":
            if members["payload"]?.objectValue?.isEmpty == false { throw .payload }
        default: break
        }
        return .object(members)
    }

    /// Whether the server takes no offence at a message that is invalid.
    func overlooks(_ error: InvalidMessage, in value: JSONValue, _ socket: TransportWSSpeaker) -> Bool {
        let type = value["type"]?.stringValue
        switch (self.misbehaviour, error) {
        case (.unknownTypeIgnored, .typeUnknown), (.serverTypesIgnored, .typeOfServer),
            (.missingTypeIgnored, .notAnObject), (.missingTypeIgnored, .typeMissing):
            return true
        case (.completeIDUnchecked, .id):
            return type == "complete"
        case (.subscribePayloadUnchecked, .payload), (.subscribePayloadUnchecked, .payloadMember):
            guard type == "subscribe", let id = OperationID(value["id"]?.stringValue ?? "") else { return false }
            let error: JSONValue = ["message": "The payload has a wrong shape."]
            socket.send(ServerMessage.error(id, errors: JSONValue.array([error]).encoded()))
            return true
        case (.typesOfLegacyAccepted, .typeUnknown("connection_terminate")):
            socket.perform(socket.session.closing(Close(.normal, "")))
            return true
        default:
            return false
        }
    }
}
