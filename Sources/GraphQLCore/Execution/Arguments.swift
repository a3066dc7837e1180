/// The coerced arguments of a field (GraphQL §6.4.1), in the order of the schema.
///
/// Enum values are strings, input objects objects with defaults filled in, `Float`s doubles, `ID`s strings. An
/// argument that was not given and has no default is absent, which is not the same as null.
package struct Arguments: Sendable, Hashable {
    /// All arguments that have a value, by name.
    package let values: JSONObject

    /// Arguments with the given values, taken as coerced.
    package init(_ values: JSONObject = [:]) {
        self.values = values
    }

    /// Whether the argument has a value, null included.
    package func has(_ name: String) -> Bool {
        self.values[name] != nil
    }

    /// The value; nil when absent.
    package func value(_ name: String) -> JSONValue? {
        self.values[name]
    }

    /// The value of a `String`, `ID` or enum argument; nil when absent or null.
    package func string(_ name: String) -> String? {
        self.values[name]?.stringValue
    }

    /// The value of an `Int` argument; nil when absent or null.
    package func int(_ name: String) -> Int? {
        self.values[name]?.intValue.flatMap { Int(exactly: $0) }
    }

    /// The value of a `Float` argument; nil when absent or null.
    package func double(_ name: String) -> Double? {
        self.values[name]?.doubleValue
    }

    /// The value of a `Boolean` argument; nil when absent or null.
    package func bool(_ name: String) -> Bool? {
        self.values[name]?.boolValue
    }

    /// The value of a list argument; nil when absent or null.
    package func list(_ name: String) -> [JSONValue]? {
        self.values[name]?.arrayValue
    }

    /// The strings of a list argument, without its nulls; nil when absent or null.
    package func strings(_ name: String) -> [String]? {
        self.values[name]?.arrayValue?.compactMap(\.stringValue)
    }

    /// The value of an input object argument; nil when absent or null.
    package func object(_ name: String) -> JSONObject? {
        self.values[name]?.objectValue
    }
}
