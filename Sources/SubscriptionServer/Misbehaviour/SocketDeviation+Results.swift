import GraphQLCore
import SubscriptionProtocols

// What goes wrong inside results and errors.
extension SocketDeviation {
    /// The result as it is sent; nil for the right one.
    func spoiled(_ result: JSONValue) -> JSONObject? {
        guard case .object(var members) = result else { return nil }
        switch self.misbehaviour {
        case .nullDataLeftOut where members["data"] == .null:
            members["data"] = nil
        case .keysSorted:
            members["data"] = members["data"].map(Self.sorted)
        case .extraEntries:
            members["server"] = "reference-server"
        case .locationsFromZero, .locationsMissing, .internalsShown:
            guard let errors = members["errors"] else { return nil }
            members["errors"] = self.spoiled(errors: errors)
        default:
            return nil
        }
        return members
    }

    /// Errors as they are sent.
    func spoiled(errors: JSONValue) -> JSONValue {
        guard case .array(let errors) = errors else { return errors }
        return .array(errors.map { self.spoiled(error: $0) })
    }

    private func spoiled(error: JSONValue) -> JSONValue {
        guard case .object(var members) = error else { return error }
        switch self.misbehaviour {
        case .locationsMissing:
            members["locations"] = nil
        case .locationsFromZero:
            guard case .array(let locations)? = members["locations"] else { break }
            members["locations"] = .array(
                locations.map { location in
                    guard case .int(let line)? = location["line"], case .int(let column)? = location["column"] else {
                        return location
                    }
                    return ["line": .int(line - 1), "column": .int(column - 1)]
                })
        case .internalsShown:
            members["message"] = "Fatal error in Sources/ReferenceDomains/Fixture/Fixture.swift:88"
            members["extensions"] = [
                "stacktrace": ["Fixture.swift:88:21", "at SharedSource.start (SharedSource.swift:151)"]
            ]
        default: break
        }
        return .object(members)
    }

    static func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map(self.sorted))
        case .object(let members):
            var sorted = JSONObject()
            for name in members.keys.sorted() {
                sorted[name] = members[name].map(self.sorted)
            }
            return .object(sorted)
        default: return value
        }
    }
}
