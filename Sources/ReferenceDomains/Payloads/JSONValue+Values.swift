package import FoundationEssentials
package import GraphQLCore

extension JSONValue {
    /// A time as messages have it: `2025-10-16T09:30:00.125Z`, to the millisecond.
    package static func time(_ date: Date) -> JSONValue {
        let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
        return Int(exactly: milliseconds).map { .string(Timestamp.text(millisecondsSince1970: $0)) } ?? .null
    }

    /// A decimal number as messages have it: a string, so that no digit is lost.
    package static func decimal(_ number: Decimal) -> JSONValue {
        number.isNaN ? .null : .string(number.description)
    }

    /// A UUID as messages have it: a string in lower case (RFC 9562 §4).
    package static func uuid(_ id: UUID) -> JSONValue {
        .string(id.uuidString.lowercased())
    }
}
