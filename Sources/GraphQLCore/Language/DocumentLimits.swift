/// What a document may cost to parse, and to look at afterwards. All limits are inclusive.
package struct DocumentLimits: Sendable, Hashable {
    /// The most lexical tokens of a document; comments and other ignored tokens do not count.
    package var tokens: Int
    /// The deepest nesting of selection sets, of list and object literals, and of list types. It bounds the recursion
    /// of every pass over a document, so raise it with the stack of the calling thread in mind.
    package var depth: Int

    /// Limits that no sensible document meets: 250,000 tokens, 200 levels.
    package init(tokens: Int = 250_000, depth: Int = 200) {
        self.tokens = tokens
        self.depth = depth
    }

    /// Limits for type system text of our own, which may be large.
    package static let typeSystem = DocumentLimits(tokens: 10_000_000)
}
