import GraphQLCore
import NIOCore

/// Reads GraphQL requests out of HTTP requests (GraphQL over HTTP, "Request").
enum HTTPRequestParameters {
    /// Why there is no request to run, with a sentence for the client.
    struct Mistake: Error, Equatable {
        let message: String
    }

    /// The request in the JSON body of a POST. Members that are not known are ignored, null is absence.
    static func read(body: ByteBuffer, limits: JSONReader.Limits) throws(Mistake) -> GraphQLRequest {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONReader.read(Array(body.readableBytesView), limits: limits)
        } catch {
            throw Mistake(message: error.description)
        }
        switch value {
        case .object(let members): return try self.request(members)
        case .array: throw Mistake(message: "Batches of requests are not supported")
        default: throw Mistake(message: "The request must be a JSON object")
        }
    }

    /// The request in the URL of a GET. Empty `operationName`, `variables`, `extensions` are absent.
    static func read(query: Substring, limits: JSONReader.Limits) throws(Mistake) -> GraphQLRequest {
        var members = JSONObject()
        for (name, value) in try self.pairs(in: query) {
            switch name {
            case "query":
                members[name] = .string(value)
            case "operationName" where !value.isEmpty:
                members[name] = .string(value)
            case "variables" where !value.isEmpty, "extensions" where !value.isEmpty:
                do throws(JSONError) {
                    members[name] = try JSONReader.read(value, limits: limits)
                } catch {
                    throw Mistake(message: "\(name): \(error)")
                }
            default:
                continue
            }
        }
        return try self.request(members)
    }

    /// The parameters of a URL in order.
    static func pairs(in query: Substring) throws(Mistake) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = self.decoded(parts[0]), let value = self.decoded(parts.count > 1 ? parts[1] : "") else {
                throw Mistake(message: "The URL is not encoded properly")
            }
            pairs.append((name, value))
        }
        return pairs
    }

    /// The first parameter of that name; nil without one, or when the URL is not encoded properly.
    static func value(of name: String, in query: Substring) -> String? {
        (try? self.pairs(in: query))?.first { $0.name == name }?.value
    }

    private static func request(_ members: JSONObject) throws(Mistake) -> GraphQLRequest {
        guard case .string(let query)? = members["query"] else { throw Mistake(message: "query must be a string") }
        var request = GraphQLRequest(query: query)
        switch members["operationName"] {
        case nil, .null?: break
        case .string(let name)?: request.operationName = name
        default: throw Mistake(message: "operationName must be a string or null")
        }
        request.variables = try self.optionalObject("variables", of: members)
        request.extensions = try self.optionalObject("extensions", of: members)
        return request
    }

    private static func optionalObject(_ name: String, of members: JSONObject) throws(Mistake) -> JSONObject? {
        switch members[name] {
        case nil, .null?: nil
        case .object(let object)?: object
        default: throw Mistake(message: "\(name) must be an object or null")
        }
    }

    /// Decodes application/x-www-form-urlencoded; nil when a percent sign or the UTF-8 is wrong.
    static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(self.digit), let low = rest.popFirst().flatMap(self.digit)
                else { return nil }
                bytes.append(high << 4 | low)
            default:
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
