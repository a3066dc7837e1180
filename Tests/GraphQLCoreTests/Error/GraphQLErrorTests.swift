import GraphQLCore
import Testing

@Suite struct GraphQLErrorTests {
    @Test func locationsCompareByLineThenColumn() {
        let places = [(2, 1), (1, 9), (1, 2)].map { SourceLocation(line: $0.0, column: $0.1) }
        #expect(places.sorted().map(\.description) == ["1:2", "1:9", "2:1"])
        #expect(SourceLocation(line: 1, column: .max).column == Int(UInt32.max))
    }

    @Test func describesItself() {
        let error = GraphQLError(message: "No.", locations: [SourceLocation(line: 1, column: 2)])
        #expect(error.description == "No. (1:2)")
        #expect(SchemaErrors([error, error]).description == "No. (1:2)\nNo. (1:2)")
        #expect([PathElement.key("a"), .index(3)].map(\.description) == ["a", "3"])
    }
}
