import Testing

@testable import ConformanceKit

@Suite struct ProfileDraftTests {
    private static func type(_ text: String) -> String {
        if text.hasSuffix("!") {
            return #"{"kind":"NON_NULL","name":null,"ofType":\#(self.type(String(text.dropLast())))}"#
        }
        let scalars = ["String", "ID", "Int", "Boolean"]
        return #"{"kind":"\#(scalars.contains(text) ? "SCALAR" : "OBJECT")","name":"\#(text)","ofType":null}"#
    }

    private static func field(_ name: String, _ type: String, _ arguments: [(String, String)] = []) -> String {
        let list = arguments.map { #"{"name":"\#($0)","defaultValue":null,"type":\#(self.type($1))}"# }
        return #"{"name":"\#(name)","args":[\#(list.joined(separator: ","))],"type":\#(self.type(type))}"#
    }

    private static func object(_ name: String, _ fields: [String]) -> String {
        #"{"kind":"OBJECT","name":"\#(name)","fields":[\#(fields.joined(separator: ","))]}"#
    }

    /// A chat: the subscription without a way to choose its topic stands first.
    static let chat = """
        {"queryType":{"name":"Query"},"mutationType":{"name":"Mutation"},"subscriptionType":{"name":"Subscription"},"types":[
        \(object("Query", [field("me", "String")])),
        \(object("Mutation", [
            field("reset", "Boolean", [("hard", "Boolean!")]),
            field("sendMessage", "Message!", [("room", "ID!"), ("text", "String!")]),
        ])),
        \(object("Subscription", [
            field("ticks", "Int!"), field("messages", "Message!", [("room", "ID!")]),
            field("secret", "Message!", [("room", "ID!"), ("key", "Int!")]),
        ])),
        \(object("Message", [field("id", "ID!"), field("author", "User!"), field("text", "String!")])),
        \(object("User", [field("name", "String!")]))]}
        """

    private func survey(_ schema: String?) throws -> ServerSurvey {
        var survey = ServerSurvey(endpoints: [
            ("transport-ws", "ws://127.0.0.1:8000/graphql"), ("sse", "http://127.0.0.1:8000/graphql/stream"),
        ])
        survey.isSingleSSE = true
        survey.schema = try schema.map { try #require(SchemaSketch(JSONParser.parse(Array($0.utf8)))) }
        return survey
    }

    @Test func theBestSubscriptionIsChosenAndTheDraftIsAProfile() throws {
        let text = ProfileDraft.text(try self.survey(Self.chat), name: "chat \"server\"")
        let profile = try ProfileLoader.read(text, file: "draft.yaml")
        #expect(profile.name == "chat \"server\"")
        #expect(profile.endpoints.map(\.mode) == [.distinct, .both])
        #expect(profile.stream?.document == "subscription ($topic: ID!) { messages(room: $topic) { text } }")
        #expect(profile.stream?.noncePath == "data.messages.text")
        guard case .mutation(let document, let variables, nil, false) = profile.declared.emit else {
            Issue.record("no mutation in \(text)")
            return
        }
        #expect(
            document
                == "mutation ($topic: ID!, $nonce: String!) { sendMessage(room: $topic, text: $nonce) { __typename } }")
        #expect(variables["topic"] == .string("{{topic}}") && variables["nonce"] == .string("{{nonce}}"))
        #expect(text.contains("# Other subscriptions: secret, ticks"))
    }

    @Test func theTextThatIsSentIsTheOneThatIsLookedFor() throws {
        let schema = """
            {"queryType":{"name":"Query"},"mutationType":{"name":"Mutation"},"subscriptionType":{"name":"Subscription"},"types":[
            \(Self.object("Query", [])),
            \(Self.object("Mutation", [
                Self.field("sendMail", "Boolean", [("to", "String!"), ("subject", "String!")]),
                Self.field("say", "Message!", [("room", "String!"), ("words", "String!")]),
            ])),
            \(Self.object("Subscription", [Self.field("messages", "Message!", [("room", "String!")])])),
            \(Self.object("Message", [
                Self.field("room", "String!"), Self.field("author", "String!"), Self.field("words", "String!"),
            ]))]}
            """
        let profile = try ProfileLoader.read(ProfileDraft.text(try self.survey(schema), name: "x"), file: "draft.yaml")
        #expect(profile.stream?.noncePath == "data.messages.words")
        guard case .mutation(let document, _, _, _) = profile.declared.emit else {
            Issue.record("no mutation")
            return
        }
        #expect(document.contains("say(room: $topic, words: $nonce)"))
    }

    @Test func withoutASchemaTheDraftIsStillAProfile() throws {
        let profile = try ProfileLoader.read(ProfileDraft.text(try self.survey(nil), name: "x"), file: "draft.yaml")
        #expect(profile.stream == nil && profile.declared.emit == nil)
    }

    @Test func whatCannotBeUsedIsLeftAsAComment() throws {
        let ticks = """
            {"queryType":{"name":"Query"},"mutationType":null,"subscriptionType":{"name":"Subscription"},"types":[
            \(Self.object("Query", [])), \(Self.object("Subscription", [Self.field("ticks", "Int!")]))]}
            """
        let text = ProfileDraft.text(try self.survey(ticks), name: "x")
        #expect(text.contains("# ticks gives back no text in which an event could be known again"))
        #expect(try ProfileLoader.read(text, file: "draft.yaml").stream == nil)
    }
}
