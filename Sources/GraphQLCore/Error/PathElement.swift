/// One step of a response path (GraphQL §7.1.2): the response name of a field, or an index (from 0) into a list.
package enum PathElement: Sendable, Hashable {
    case key(String)
    case index(Int)
}

extension PathElement: CustomStringConvertible {
    /// The text for people before it; nil without one.
    package var description: String {
        switch self {
        case .key(let name): return name
        case .index(let index): return String(index)
        }
    }
}
