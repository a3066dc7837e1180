import GraphQLCore
import Synchronization
import Testing

@Suite struct SubscriptionTests {
    static let sdl = """
        type Query { a: Int }
        type Subscription { count(to: Int! = 3): Int!, note(id: ID!): Note, mapped: Int, refused: Int, internal: Int, slow: Note }
        type Note { id: ID!, text: String, length: Int, slow: Int }
        """

    static let engine = Result {
        try GraphQLEngine.make(Self.sdl) { resolvers in
            resolvers.field("Query", "a") { _ in 1 }
            resolvers.subscription("count") { input in
                let last = Int64(input.arguments.int("to") ?? 0)
                return SourceEventStream(sharingKey: "count") { sink in
                    for number in 0..<last {
                        sink.send(.int(number))
                    }
                    sink.finish()
                    return SourceCancellation {}
                }
            }
            for name in ["note", "mapped", "slow"] {
                resolvers.subscription(name) { _ in SourceEventStream { _ in SourceCancellation {} } }
            }
            resolvers.subscription("refused") { _ in
                throw GraphQLError(message: "not for you", extensions: ["code": "FORBIDDEN"])
            }
            resolvers.subscription("internal") { _ in throw Secret() }
            resolvers.field("Subscription", "mapped") { input in
                guard case .int(let number) = input.source else { throw GraphQLError(message: "no number") }
                return .int(number * 10)
            }
            resolvers.field("Note", "length") { .int(Int64($0.source.field("text")?.stringValue?.count ?? 0)) }
            resolvers.asyncField("Note", "slow") { _ in 1 }
        }
    }

    private static func text(_ result: ExecutionResult?) -> String? {
        result.map { String(decoding: $0.body, as: UTF8.self) }
    }

    @Test func streamsDeliverEventsInOrder() async throws {
        let engine = try Self.engine.get()
        let operation = try engine.prepared("subscription { n: count(to: 2) }")
        #expect(operation.kind == .subscription && operation.rootFieldNames == ["count"])
        let stream = try await engine.createSourceStream(operation, context: Tester()).get()
        #expect(stream.sharingKey == "count")
        let notes = Recorder()
        let sink = SourceEventSink(
            onEvent: { event in
                let result = engine.executeEventSynchronously(operation, event: event, context: Tester())
                notes.note(Self.text(result) ?? "")
            },
            onEnd: { notes.note($0 == nil ? "end" : "failure") })
        _ = try await stream.start(sink)
        sink.fail(Secret())
        #expect(notes.notes == [#"{"data":{"n":0}}"#, #"{"data":{"n":1}}"#, "end", "failure"])
    }

    @Test(
        arguments: [
            (
                "{ note(id: 1) { id text length } }", ["id": 5, "text": "hello"],
                #"{"data":{"note":{"id":"5","text":"hello","length":5}}}"#
            ),
            ("{ note(id: 1) { id } }", .json(["id": "x", "more": 1]), #"{"data":{"note":{"id":"x"}}}"#),
            ("{ note(id: 1) { id } }", .null, #"{"data":{"note":null}}"#),
            (
                "{ note(id: 1) { id } }", ["text": "x"],
                #"{"errors":[{"message":"Cannot return null for non-nullable field Note.id.","#
                    + #""locations":[{"line":1,"column":30}],"path":["note","id"]}],"data":{"note":null}}"#
            ),
            (
                "{ count }", .failure(GraphQLError(message: "event", extensions: ["a": 1])),
                #"{"errors":[{"message":"event","locations":[{"line":1,"column":16}],"path":["count"],"#
                    + #""extensions":{"a":1}}],"data":null}"#
            ),
            ("{ mapped }", 4, #"{"data":{"mapped":40}}"#),
            (
                "{ mapped }", "x",
                #"{"errors":[{"message":"no number","locations":[{"line":1,"column":16}],"path":["mapped"]}],"data":{"mapped":null}}"#
            ),
            (
                "{ mapped }", .failure(GraphQLError(message: "event")),
                #"{"errors":[{"message":"event","locations":[{"line":1,"column":16}],"path":["mapped"]}],"data":{"mapped":null}}"#
            ),
        ] as [(String, ResolvedValue, String)])
    func executesEvents(selection: String, event: ResolvedValue, response: String) async throws {
        let engine = try Self.engine.get()
        let operation = try engine.prepared("subscription " + selection)
        #expect(Self.text(engine.executeEventSynchronously(operation, event: event, context: Tester())) == response)
        #expect(Self.text(await engine.executeEvent(operation, event: event, context: Tester())) == response)
    }

    @Test func awaitedFieldsNeedTheAsynchronousWay() async throws {
        let engine = try Self.engine.get()
        let operation = try engine.prepared("subscription { slow { id slow } }")
        let event: ResolvedValue = ["id": 1]
        #expect(engine.executeEventSynchronously(operation, event: event, context: Tester()) == nil)
        #expect(
            Self.text(await engine.executeEvent(operation, event: event, context: Tester()))
                == #"{"data":{"slow":{"id":"1","slow":1}}}"#)
        let failed = await engine.executeEvent(
            operation, event: .failure(GraphQLError(message: "event")), context: Tester())
        #expect(failed.errors.map(\.message) == ["event"])
        #expect(failed.errors.first?.path == [.key("slow")])
    }

    @Test(
        arguments: [
            (
                "subscription { refused }", [:],
                #"{"errors":[{"message":"not for you","locations":[{"line":1,"column":16}],"path":["refused"],"#
                    + #""extensions":{"code":"FORBIDDEN"}}]}"#
            ),
            (
                "subscription { internal }", [:],
                #"{"errors":[{"message":"Internal server error","locations":[{"line":1,"column":16}],"path":["internal"]}]}"#
            ),
            (
                "subscription ($n: Int = 2) { count(to: $n) }", ["n": nil],
                #"{"errors":[{"message":"Argument \"to\" of non-null type \"Int!\" must not be null.","#
                    + #""locations":[{"line":1,"column":40}],"path":["count"]}]}"#
            ),
            ("{ a }", [:], #"{"errors":[{"message":"Only a subscription has a source stream."}]}"#),
        ] as [(String, JSONObject, String)])
    func refusesSourceStreams(query: String, variables: JSONObject, response: String) async throws {
        let engine = try Self.engine.get()
        let operation = try engine.prepared(query, variables: variables)
        guard case .failure(let error) = await engine.createSourceStream(operation, context: Tester()) else {
            Issue.record("accepted")
            return
        }
        #expect(error.step == .source)
        #expect(String(decoding: error.body, as: UTF8.self) == response)
    }

    @Test func cannotBeExecutedOnce() async throws {
        #expect(
            try await Self.engine.get().respond("subscription { count }")
                == #"{"errors":[{"message":"A subscription has no single result.","#
                + #""locations":[{"line":1,"column":1}]}],"data":null}"#)
    }

    @Test func cancellationActsOnce() {
        let notes = Recorder()
        let cancellation = SourceCancellation { notes.note("cancelled") }
        let copy = cancellation
        cancellation.cancel()
        copy.cancel()
        #expect(notes.notes == ["cancelled"])
    }

    @Test func sharingKeysTellWhatIsAskedFor() throws {
        let engine = try Self.engine.get()
        let query = "subscription ($id: ID!) { note(id: $id) { id length } }"
        let first = try engine.prepared(query, variables: ["id": 1]).sharingKey
        #expect(try engine.prepared(query, variables: ["id": "1"]).sharingKey == first)
        #expect(try engine.prepared(query, variables: ["id": "1", "other": 5]).sharingKey == first)
        #expect(try engine.prepared(query, variables: ["id": "2"]).sharingKey != first)
        #expect(try engine.prepared(query + " ", variables: ["id": "1"]).sharingKey != first)
        let composed = try engine.prepared(query, variables: ["id": "\u{E9}"]).sharingKey
        let decomposed = try engine.prepared(query, variables: ["id": "e\u{301}"]).sharingKey
        #expect(composed != decomposed)
        #expect(Set([first, composed, decomposed]).count == 3)
    }
}
