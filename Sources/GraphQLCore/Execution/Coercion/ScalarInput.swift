/// Input coercion of the built-in scalars from JSON (GraphQL §3.5.1 to §3.5.5).
enum ScalarInput {
    /// - Throws: an error whose message says what the scalar cannot represent.
    static func coerce(_ value: JSONValue, as type: ScalarType.BuiltIn) throws(GraphQLError) -> JSONValue {
        switch type {
        case .int: return .int(try self.int(value))
        case .float: return .double(try self.float(value))
        case .string:
            guard case .string = value else { throw self.error("String cannot represent a non string value", value) }
            return value
        case .boolean:
            guard case .bool = value else { throw self.error("Boolean cannot represent a non boolean value", value) }
            return value
        case .id: return .string(try self.id(value))
        }
    }

    private static func int(_ value: JSONValue) throws(GraphQLError) -> Int64 {
        let whole: Int64?
        switch value {
        case .int(let value):
            whole = value
        case .double(let number):
            guard number.rounded() == number else { throw self.error("Int cannot represent non-integer value", value) }
            whole = Int64(exactly: number)
        case .number(let text):
            // Whole numbers without a point or exponent are too large; others may be anything.
            guard !text.utf8.contains(where: { ".eE".utf8.contains($0) }) else {
                throw self.error("Int cannot represent non-integer value", value)
            }
            whole = nil
        default:
            throw self.error("Int cannot represent non-integer value", value)
        }
        guard let whole, Int32(exactly: whole) != nil else {
            throw self.error("Int cannot represent non 32-bit signed integer value", value)
        }
        return whole
    }

    private static func float(_ value: JSONValue) throws(GraphQLError) -> Double {
        guard let number = value.doubleValue else {
            throw self.error("Float cannot represent non numeric value", value)
        }
        return number
    }

    private static func id(_ value: JSONValue) throws(GraphQLError) -> String {
        switch value {
        case .string(let text):
            return text
        case .int(let value):
            return String(value)
        case .double(let number):
            guard let whole = Int64(exactly: number) else { break }
            return String(whole)
        case .number(let text) where !text.utf8.contains(where: { ".eE".utf8.contains($0) }):
            return text
        default:
            break
        }
        throw self.error("ID cannot represent value", value)
    }

    private static func error(_ problem: String, _ value: JSONValue) -> GraphQLError {
        GraphQLError(message: "\(problem): \(Inspection.text(of: value))")
    }
}
