/// Result coercion of scalars and enums (GraphQL §3.5, §3.9).
extension [UInt8] {
    /// Appends the JSON form of a value that is neither null nor a failure.
    /// - Throws: an error when the type cannot represent the value; then nothing has been appended.
    mutating func appendLeaf(_ value: ResolvedValue, as shape: CompletionPlan.Shape) throws {
        switch shape {
        case .int: self.appendJSONInteger(try value.serializedInt())
        case .float: try self.appendFloat(value)
        case .string: try self.appendText(value)
        case .boolean: self.append(ascii: try value.serializedBoolean() ? "true" : "false")
        case .id: try self.appendID(value)
        case .enumeration(let type): try self.appendEnum(value, type)
        case .custom(let name, let coding):
            let json = try coding.serialize(value)
            guard !json.isNull else {
                throw GraphQLError(message: "\(name) cannot represent value: \(Inspection.text(of: value))")
            }
            self.appendJSON(json)
        case .object, .abstract, .list:
            throw GraphQLError(message: "Expected a leaf, got: \(Inspection.text(of: value))")
        }
    }

    private mutating func appendFloat(_ value: ResolvedValue) throws(GraphQLError) {
        switch value {
        case .double(let number) where number.isFinite, .json(.double(let number)) where number.isFinite:
            self.appendJSONDouble(number)
        case .int(let number), .json(.int(let number)):
            self.appendJSONInteger(number)
        case .bool(let flag), .json(.bool(let flag)):
            self.append(ascii: flag ? "1" : "0")
        case .json(.number(let text)), .string(let text), .json(.string(let text)):
            guard let number = Double(text), number.isFinite else {
                throw self.refusal("Float", "non numeric value", value)
            }
            self.appendJSONDouble(number)
        default:
            throw self.refusal("Float", "non numeric value", value)
        }
    }

    private mutating func appendText(_ value: ResolvedValue) throws(GraphQLError) {
        switch value {
        case .string(let text), .json(.string(let text)), .json(.number(let text)):
            self.appendJSONString(text)
        case .bool(let flag), .json(.bool(let flag)):
            self.append(ascii: flag ? "\"true\"" : "\"false\"")
        case .int(let number), .json(.int(let number)):
            self.appendJSONString(String(number))
        case .double(let number) where number.isFinite, .json(.double(let number)) where number.isFinite:
            self.appendJSONString(number.description)
        default:
            throw self.refusal("String", "value", value)
        }
    }

    private mutating func appendID(_ value: ResolvedValue) throws(GraphQLError) {
        switch value {
        case .string(let text), .json(.string(let text)):
            self.appendJSONString(text)
        case .int(let number), .json(.int(let number)):
            self.appendJSONString(String(number))
        case .double(let number), .json(.double(let number)):
            guard let whole = Int64(exactly: number) else { throw self.refusal("ID", "value", value) }
            self.appendJSONString(String(whole))
        case .json(.number(let text)) where !text.utf8.contains(where: { ".eE".utf8.contains($0) }):
            self.appendJSONString(text)
        default:
            throw self.refusal("ID", "value", value)
        }
    }

    private mutating func appendEnum(_ value: ResolvedValue, _ type: EnumType) throws(GraphQLError) {
        guard let name = value.stringValue, type.value(name)?.name.hasSameBytes(as: name) == true else {
            throw GraphQLError(
                message: "Enum \"\(type.name)\" cannot represent value: \(Inspection.text(of: value))")
        }
        self.appendJSONString(name)
    }

    private func refusal(_ type: String, _ what: String, _ value: ResolvedValue) -> GraphQLError {
        GraphQLError(message: "\(type) cannot represent \(what): \(Inspection.text(of: value))")
    }
}

extension ResolvedValue {
    /// §3.5.1: a whole number of 32 bits.
    fileprivate func serializedInt() throws(GraphQLError) -> Int64 {
        let whole: Int64?
        switch self {
        case .int(let number), .json(.int(let number)):
            whole = number
        case .bool(let flag), .json(.bool(let flag)):
            whole = flag ? 1 : 0
        case .double(let number), .json(.double(let number)):
            guard number.isFinite, number.rounded() == number else { throw self.refusal("non-integer value") }
            whole = Int64(exactly: number)
        case .string(let text), .json(.string(let text)):
            guard JSONNumber.isValid(text), !text.utf8.contains(where: { ".eE".utf8.contains($0) }) else {
                throw self.refusal("non-integer value")
            }
            whole = Int64(text)
        case .json(.number):
            whole = nil
        default:
            throw self.refusal("non-integer value")
        }
        guard let whole, Int32(exactly: whole) != nil else {
            throw self.refusal("non 32-bit signed integer value")
        }
        return whole
    }

    private func refusal(_ what: String) -> GraphQLError {
        GraphQLError(message: "Int cannot represent \(what): \(Inspection.text(of: self))")
    }

    /// §3.5.4: true or false, or a number that is not zero.
    fileprivate func serializedBoolean() throws(GraphQLError) -> Bool {
        switch self {
        case .bool(let flag), .json(.bool(let flag)): return flag
        case .int(let number), .json(.int(let number)): return number != 0
        case .double(let number) where number.isFinite, .json(.double(let number)) where number.isFinite:
            return number != 0
        default:
            throw GraphQLError(
                message: "Boolean cannot represent a non boolean value: \(Inspection.text(of: self))")
        }
    }
}
