import Testing

@testable import ConformanceKit

@Suite struct FixtureFieldsTests {
    private func schema(_ fields: String) throws -> SchemaSketch {
        let text = """
            {"queryType":{"name":"Query"},"mutationType":null,"subscriptionType":{"name":"Subscription"},"types":[
            {"kind":"OBJECT","name":"Query","fields":[]},
            {"kind":"OBJECT","name":"Subscription","fields":[\(fields)]}]}
            """
        return try #require(SchemaSketch(JSONParser.parse(Array(text.utf8))))
    }

    private func argument(_ name: String, _ type: String, standard: String = "null") -> String {
        #"{"name":"\#(name)","defaultValue":\#(standard),"type":{"kind":"SCALAR","name":"\#(type)","ofType":null}}"#
    }

    private func required(_ name: String, _ type: String) -> String {
        let inner = #"{"kind":"SCALAR","name":"\#(type)","ofType":null}"#
        return #"{"name":"\#(name)","defaultValue":null,"type":{"kind":"NON_NULL","name":null,"ofType":\#(inner)}}"#
    }

    private func count(_ arguments: [String], type: String = "Int") -> String {
        #"{"name":"count","args":[\#(arguments.joined(separator: ","))],"#
            + #""type":{"kind":"SCALAR","name":"\#(type)","ofType":null}}"#
    }

    @Test func aFieldCountsIfItTakesAndGivesWhatScenariosExpect() throws {
        let whole = [required("to", "Int"), required("ms", "Int")]
        #expect(FixtureFields.has("count", in: try self.schema(self.count(whole))))
        #expect(FixtureFields.has("count", in: try self.schema(self.count(whole + [argument("more", "Int")]))))
    }

    @Test func aFieldOfTheSameNameAloneDoesNotCount() throws {
        let whole = [required("to", "Int"), required("ms", "Int")]
        let others = [
            self.count([argument("target", "Int", standard: "\"100\"")]), self.count([required("to", "Int")]),
            self.count(whole, type: "String"), self.count(whole + [required("unit", "String")]),
            self.count([required("to", "Int"), required("ms", "Float")]),
        ]
        for field in others { #expect(!FixtureFields.has("count", in: try self.schema(field)), "\(field)") }
        #expect(!FixtureFields.has("hello", in: try self.schema(self.count(whole))))
    }
}
