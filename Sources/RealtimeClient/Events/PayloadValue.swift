private import Foundation

/// A JSON value, for reading what events say.
public enum PayloadValue: Sendable, Hashable, Decodable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case text(String)
    case list([PayloadValue])
    case members([String: PayloadValue])

    /// Nil when the text is not JSON.
    public init?(text: String) {
        // Integers and fractions are told apart by what the decoder accepts, in the order of `init(from:)`.
        guard let value = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else { return nil }
        self = value
    }

    /// Reads any JSON value.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([PayloadValue].self) {
            self = .list(value)
        } else {
            self = .members(try container.decode([String: PayloadValue].self))
        }
    }

    /// A member of an object; nil when it is no object or has none of that name.
    public subscript(member: String) -> PayloadValue? {
        if case .members(let members) = self { members[member] } else { nil }
    }

    /// The text of a string.
    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// An integer.
    public var integer: Int64? {
        if case .integer(let value) = self { value } else { nil }
    }

    /// A number of either kind.
    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}
