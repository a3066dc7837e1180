import ConformanceKit

/// As much of JSON Schema as the published schemas use.
struct SchemaValidator {
    private let root: JSON

    init(_ schema: JSON) { self.root = schema }

    /// Every place where the value does not fit, as a path and a keyword.
    func mistakes(in value: JSON) throws -> [String] { try self.check(value, self.root, "") }

    private func check(_ value: JSON, _ schema: JSON, _ path: String) throws -> [String] {
        var mistakes: [String] = []
        for member in schema.members ?? [] {
            switch try self.fits(member.name, member.value, value, schema, path) {
            case .fits: continue
            case .wrong: mistakes.append("\(path): \(member.name)")
            case .within(let inner): mistakes += inner
            }
        }
        return mistakes
    }

    private enum Outcome {
        case fits, wrong
        case within([String])

        init(_ fits: Bool) { self = fits ? .fits : .wrong }
    }

    private struct UnknownKeyword: Error { var name: String }

    private func fits(
        _ keyword: String, _ operand: JSON, _ value: JSON, _ schema: JSON, _ path: String
    ) throws -> Outcome {
        let members = value.members
        switch keyword {
        case "$schema", "title", "version", "$defs", "then", "else": return .fits
        case "if":
            let branch = try self.check(value, operand, path).isEmpty ? "then" : "else"
            return .within(try self.check(value, schema[branch] ?? .object([]), path))
        case "$ref":
            let name = operand.stringValue?.split(separator: "/").last.map(String.init) ?? ""
            return .within(try self.check(value, self.root["$defs"]?[name] ?? .null, path))
        case "anyOf":
            return .init(try operand.arrayValue?.contains { try self.check(value, $0, path).isEmpty } ?? false)
        case "type":
            let types = operand.arrayValue?.compactMap(\.stringValue) ?? [operand.stringValue ?? ""]
            return .init(types.contains(value.typeName) || (types.contains("number") && value.typeName == "integer"))
        case "const": return .init(value.isEquivalent(to: operand))
        case "enum": return .init(operand.arrayValue?.contains { $0.isEquivalent(to: value) } ?? false)
        case "pattern":
            guard let text = value.stringValue else { return .fits }
            return .init(try text.firstMatch(of: Regex(operand.stringValue ?? "")) != nil)
        case "minLength": return .init((value.stringValue?.unicodeScalars.count ?? .max) >= operand.intValue ?? 0)
        case "minimum": return .init((value.doubleValue ?? .infinity) >= operand.doubleValue ?? 0)
        case "maximum": return .init((value.doubleValue ?? -.infinity) <= operand.doubleValue ?? 0)
        case "minItems": return .init((value.arrayValue?.count ?? .max) >= operand.intValue ?? 0)
        case "minProperties": return .init((members?.count ?? .max) >= operand.intValue ?? 0)
        case "maxProperties": return .init((members?.count ?? 0) <= operand.intValue ?? 0)
        case "required":
            guard members != nil else { return .fits }
            return .init(operand.arrayValue?.allSatisfy { value[$0.stringValue ?? ""] != nil } ?? false)
        case "items":
            return .within(
                try (value.arrayValue ?? []).enumerated().flatMap {
                    try self.check($0.element, operand, "\(path)/\($0.offset)")
                })
        case "propertyNames":
            return .within(
                try (members ?? []).flatMap { try self.check(.string($0.name), operand, "\(path)/\($0.name)") })
        case "properties":
            return .within(
                try (members ?? []).flatMap { member in
                    try operand[member.name].map { try self.check(member.value, $0, "\(path)/\(member.name)") } ?? []
                })
        case "additionalProperties":
            let others = (members ?? []).filter { schema["properties"]?[$0.name] == nil }
            if operand == .bool(false) { return .within(others.map { "\(path)/\($0.name): unknown" }) }
            return .within(try others.flatMap { try self.check($0.value, operand, "\(path)/\($0.name)") })
        default: throw UnknownKeyword(name: keyword)
        }
    }
}
