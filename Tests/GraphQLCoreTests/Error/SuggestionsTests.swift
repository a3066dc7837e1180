import Testing

@testable import GraphQLCore

@Suite struct SuggestionsTests {
    @Test(arguments: [
        ("name", ["nmae"], 1), ("name", ["name"], 0), ("name", ["NAME"], 1), ("", ["a"], 1), ("a", [""], 1),
        ("kitten", ["sitting"], 3), ("ab", ["ba"], 1), ("abc", ["abcd"], 1),
    ])
    func countsEdits(_ name: String, _ candidates: [String], _ distance: Int) throws {
        let candidate = try #require(candidates.first)
        #expect(Suggestions.distance(Array(name.utf8), Array(candidate.utf8), limit: 9) == distance)
    }

    @Test func givesUpPastTheLimit() {
        #expect(Suggestions.distance(Array("abcdef".utf8), Array("uvwxyz".utf8), limit: 3) == nil)
        #expect(Suggestions.distance(Array("a".utf8), Array("abcdef".utf8), limit: 3) == nil)
    }

    @Test(arguments: [
        ([], ""), (["a"], " Did you mean \"a\"?"), (["a", "b"], " Did you mean \"a\" or \"b\"?"),
        (["a", "b", "c"], " Did you mean \"a\", \"b\", or \"c\"?"),
        (["a", "b", "c", "d", "e", "f"], " Did you mean \"a\", \"b\", \"c\", \"d\", or \"e\"?"),
    ])
    func putsNamesIntoWords(_ names: [String], _ hint: String) {
        #expect(Suggestions.hint(names) == hint)
    }

    @Test func namesTheKind() {
        #expect(Suggestions.hint(["RED"], kind: "the enum value") == " Did you mean the enum value \"RED\"?")
    }

    @Test func ordersByDistanceThenNaturally() {
        #expect(
            Suggestions.nearest(to: "item1", among: ["item10", "item2", "items", "other"]) == [
                "item2", "item10", "items",
            ])
        #expect(Suggestions.hint(for: "x", among: ["something", "else"]).isEmpty)
    }

    @Test(arguments: [
        ("a2", "a10", true), ("a10", "a2", false), ("a", "b", true), ("a", "a1", true), ("a01", "a1", true),
        ("a1", "a1", false), ("1a", "a", true),
    ])
    func comparesDigitsAsNumbers(_ left: String, _ right: String, _ isBefore: Bool) {
        #expect(Suggestions.naturalOrder(left, right) == isBefore)
    }
}
