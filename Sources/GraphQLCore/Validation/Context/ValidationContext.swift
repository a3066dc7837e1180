/// What the rules look at: the parts of a document, each with the types that it meets, in the order of the source.
///
/// A walk fills the lists once; each rule then reads the lists that it needs.
final class ValidationContext {
    let schema: Schema
    private(set) var violations: [Violation] = []
    /// The most violations to collect.
    let mostViolations: Int

    /// The definitions that can be executed.
    var operations: [OperationUse] = []
    var fragments: [FragmentUse] = []
    /// The definitions that cannot.
    var otherDefinitions: [DefinitionNode] = []
    /// By name: the place in `fragments`; of several with one name, the last.
    var fragmentPlaces: [String: Int] = [:]
    var fields: [FieldUse] = []
    var selectionSets: [SelectionSetUse] = []
    var spreads: [SpreadUse] = []
    var inlineFragments: [InlineFragmentUse] = []
    var directives: [DirectiveUse] = []
    /// The directives of each place that has any.
    var directiveLists: [DirectiveListUse] = []
    /// The arguments of each field and directive that has any.
    var argumentLists: [[ArgumentNode]] = []
    var values: [ValueUse] = []
    /// Where types are named.
    var typeNames: [NameNode] = []
    /// How many distinct response names there are; `FieldUse.responseName` is below it.
    var responseNameCount = 0

    init(schema: Schema, mostViolations: Int = .max) {
        self.schema = schema
        self.mostViolations = mostViolations
    }

    /// Whether further violations would be dropped, so that a rule may stop.
    var isFull: Bool { self.violations.count >= self.mostViolations }

    /// Notes a violation at some places.
    func report(_ rule: any ValidationRule.Type, _ message: String, _ locations: [SourceLocation]) {
        self.report(rule: rule.name, message, locations)
    }

    /// Notes a violation of a rule by its name.
    /// - Parameter code: For programs that are to tell it from other errors, in the extensions; nil for none.
    func report(rule: String, _ message: String, _ locations: [SourceLocation], code: String? = nil) {
        guard !self.isFull else { return }
        let error = GraphQLError(
            message: message, locations: locations, extensions: code.map { ["code": .string($0)] })
        self.violations.append(Violation(rule: rule, error: error))
    }

    /// Notes a violation at one place.
    func report(_ rule: any ValidationRule.Type, _ message: String, _ location: SourceLocation) {
        self.report(rule, message, [location])
    }

    /// The fragment of this name.
    func fragment(_ name: String) -> FragmentUse? {
        self.fragmentPlaces[name].map { self.fragments[$0] }
    }

    /// The places of the fragments that spreads lead to, over any number of fragments, each once; nearest first.
    func reachableFragments(from spreads: [FragmentSpreadNode]) -> [Int] {
        var seen = [Bool](repeating: false, count: self.fragments.count)
        var found: [Int] = []
        func add(_ spreads: [FragmentSpreadNode]) {
            for spread in spreads {
                guard let place = self.fragmentPlaces[spread.name.value], !seen[place] else { continue }
                seen[place] = true
                found.append(place)
            }
        }
        add(spreads)
        var next = 0
        while next < found.count {
            add(self.fragments[found[next]].body.spreads)
            next += 1
        }
        return found
    }
}

/// A rule of GraphQL §5 that a document broke.
package struct Violation: Sendable, Equatable {
    /// The name of the rule, as the reference implementation calls it.
    package let rule: String
    /// What is wrong.
    package let error: GraphQLError
}

/// A rule of GraphQL §5.
protocol ValidationRule: SendableMetatype {
    /// The name of the rule, as the reference implementation calls it.
    static var name: String { get }
    /// Reports each place that breaks the rule.
    static func check(_ context: ValidationContext)
}
