extension ScalarCoding {
    /// Any JSON, unchanged. A record becomes an object of its fields.
    package static let json = ScalarCoding(
        serialize: { value in
            guard let json = value.json else {
                throw GraphQLError(message: "JSON cannot represent value: \(Inspection.text(of: value))")
            }
            return json
        },
        parse: { $0 })

    /// Nothing: every value is an error.
    static let refusing = ScalarCoding(
        serialize: { throw GraphQLError(message: "Cannot represent value: \(Inspection.text(of: $0))") },
        parse: { throw GraphQLError(message: "Cannot represent value: \(Inspection.text(of: $0))") })

    /// A date and time of RFC 3339 §5.6, as a string such as `2025-09-01T12:30:00.250Z`.
    ///
    /// Results that lack an offset, as many publishers write them, are taken for UTC and given a `Z`; a space between
    /// date and time becomes a `T`. Inputs must be complete, and resolvers get them as they are written.
    package static let dateTime = ScalarCoding(
        serialize: { value in
            guard let text = value.stringValue, let time = DateTimeText(text, requiresOffset: false) else {
                throw GraphQLError(message: "DateTime cannot represent value: \(Inspection.text(of: value))")
            }
            return .string(time.text)
        },
        parse: { value in
            guard let text = value.stringValue, let time = DateTimeText(text, requiresOffset: true) else {
                throw GraphQLError(message: "DateTime cannot represent value: \(Inspection.text(of: value))")
            }
            return .string(time.text)
        })

    /// A decimal number of any size and precision, as a string such as `-12.50`, so that no digit is lost.
    ///
    /// Numbers are accepted both ways and written out without an exponent.
    package static let decimal = ScalarCoding(
        serialize: { value in
            guard let json = value.json, let text = DecimalText.text(of: json) else {
                throw GraphQLError(message: "Decimal cannot represent value: \(Inspection.text(of: value))")
            }
            return .string(text)
        },
        parse: { value in
            guard let text = DecimalText.text(of: value) else {
                throw GraphQLError(message: "Decimal cannot represent value: \(Inspection.text(of: value))")
            }
            return .string(text)
        })
}

extension ResolvedValue {
    /// The value as JSON; nil for objects that are asked field by field and for failures, also inside.
    package var json: JSONValue? {
        switch self {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .int(let value): return .int(value)
        case .double(let value): return .double(value)
        case .string(let value): return .string(value)
        case .json(let value): return value
        case .object, .failure: return nil
        case .list(let elements):
            var values: [JSONValue] = []
            for element in elements {
                guard let value = element.json else { return nil }
                values.append(value)
            }
            return .array(values)
        case .record(let record):
            var members = JSONObject()
            for name in record.names {
                guard let value = record[name]?.json else { return nil }
                members.append(name, value)
            }
            return .object(members)
        }
    }
}
