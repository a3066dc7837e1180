/// An object value as a list of named fields; immutable and cheap to copy.
///
/// Names are found fastest when they are asked for in the order in which they stand.
package struct Record: Sendable, ExpressibleByDictionaryLiteral {
    /// The name of the object type, needed where the field's type is an interface or union.
    package var typeName: String? { self.storage.typeName }
    private let storage: RecordStorage

    /// A record of the given fields; of several with one name the first counts.
    package init(type: String? = nil, fields: [(String, ResolvedValue)]) {
        self.storage = RecordStorage(typeName: type, fields: fields.map { .init(name: $0.0, value: $0.1) })
    }

    package init(dictionaryLiteral elements: (String, ResolvedValue)...) {
        self.init(fields: elements)
    }

    /// The names, in order.
    package var names: [String] { self.storage.fields.map(\.name) }

    /// The number of fields.
    package var count: Int { self.storage.fields.count }

    /// The value of the field of that name.
    package subscript(name: String) -> ResolvedValue? {
        var hint = 0
        return self.value(of: name, hint: &hint)
    }

    /// The value of the field of that name. The search begins at `hint`, which is left one past what was found, so
    /// that asking for the fields in their order takes one comparison each.
    func value(of name: String, hint: inout Int) -> ResolvedValue? {
        let fields = self.storage.fields
        let start = hint < fields.count ? hint : 0
        if start < fields.count, fields[start].name == name {
            hint = start + 1
            return fields[start].value
        }
        if let places = self.storage.places {
            guard let place = places[name] else { return nil }
            hint = place + 1
            return fields[place].value
        }
        for place in fields.indices where fields[place].name == name {
            hint = place + 1
            return fields[place].value
        }
        return nil
    }
}

/// The fields of a record.
private final class RecordStorage: Sendable {
    struct Field: Sendable {
        let name: String
        let value: ResolvedValue
    }

    /// From this number of fields on there is an index.
    private static let indexedFrom = 12

    let typeName: String?
    let fields: [Field]
    /// Positions in `fields`; nil while a search is as fast.
    let places: [String: Int]?

    init(typeName: String?, fields: [Field]) {
        self.typeName = typeName
        self.fields = fields
        self.places =
            fields.count < Self.indexedFrom
            ? nil
            : Dictionary(
                fields.enumerated().map { ($0.element.name, $0.offset) }, uniquingKeysWith: { first, _ in first })
    }
}
