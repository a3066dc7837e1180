/// What a valid document may ask for. All limits are inclusive, and hold for each operation on its own with the fields
/// of a fragment counted at each of its spreads; nil means no limit.
package struct ValidationLimits: Sendable, Hashable {
    /// The deepest nesting of fields.
    package var depth: Int?
    /// The most fields with an alias.
    package var aliases: Int?
    /// The most root fields.
    package var rootFields: Int?
    /// The most fields at all. Fragments that spread each other let a short document select very many.
    package var cost: Int?
    /// The deepest nesting of introspection fields that return lists, which grow with the schema at each level.
    package var introspectionLists: Int?
    /// The most violations to report; after these the rest of the document is not looked at.
    package var violations: Int
    /// How the limits are applied wrongly; nil for as they should be.
    package var fault: LimitFault?

    /// Limits that no sensible document meets.
    package init(
        depth: Int? = 100, aliases: Int? = 15_000, rootFields: Int? = 15_000, cost: Int? = 100_000,
        introspectionLists: Int? = 2, violations: Int = 100
    ) {
        self.depth = depth
        self.aliases = aliases
        self.rootFields = rootFields
        self.cost = cost
        self.introspectionLists = introspectionLists
        self.violations = violations
    }

    /// No limits but that of violations.
    package static let none = ValidationLimits(
        depth: nil, aliases: nil, rootFields: nil, cost: nil, introspectionLists: nil)
}
