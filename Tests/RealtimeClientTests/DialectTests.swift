import Testing

@testable import RealtimeClient

@Suite struct DialectTests {
    private static let operation = GraphQLOperation(query: "subscription { \"x\" }", variables: #"{"id": 1.50}"#)

    @Test func transportWSSubscribesOnceItIsAcknowledged() {
        var dialect = GraphQLSocketDialect(.transportWS, operation: Self.operation, initPayload: #"{"a":1}"#)
        #expect(dialect.opened() == [.send(#"{"type":"connection_init","payload":{"a":1}}"#)])
        #expect(
            dialect.received(DialectMessage(text: #"{"type":"connection_ack"}"#)) == [
                .ready,
                .send(
                    #"{"id":"1","type":"subscribe","payload":{"query":"subscription { \"x\" }","variables":{"id": 1.50}}}"#
                ),
            ])
        #expect(dialect.received(DialectMessage(text: #"{"type":"ping"}"#)) == [.send(#"{"type":"pong"}"#)])
        #expect(dialect.beat() == [.send(#"{"type":"ping"}"#)])
        #expect(dialect.received(DialectMessage(text: #"{"type":"pong","payload":null}"#)) == [.answered])
        let next = #"{"id":"1","type":"next","payload":{"data": {"n": 1.50}}}"#
        #expect(
            dialect.received(DialectMessage(text: next)) == [
                .event(RealtimeEvent(type: "next", text: #"{"data": {"n": 1.50}}"#))
            ])
        #expect(dialect.received(DialectMessage(text: #"{"id":"2","type":"next","payload":{}}"#)) == [])
        #expect(dialect.received(DialectMessage(text: #"{"id":"1","type":"complete"}"#)) == [.completed])
        #expect(dialect.farewell() == [#"{"id":"1","type":"complete"}"#])
    }

    @Test func legacySaysTheSameInItsOwnWords() {
        var dialect = GraphQLSocketDialect(.legacy, operation: GraphQLOperation(query: "q"), initPayload: nil)
        #expect(dialect.opened() == [.send(#"{"type":"connection_init"}"#)])
        #expect(
            dialect.received(DialectMessage(text: #"{"type":"connection_ack"}"#)) == [
                .ready, .send(#"{"id":"1","type":"start","payload":{"query":"q"}}"#),
            ])
        #expect(dialect.received(DialectMessage(text: #"{"type":"ka"}"#)) == [.answered])
        #expect(dialect.beat() == [])
        #expect(
            dialect.received(DialectMessage(text: #"{"id":"1","type":"data","payload":{"data":1}}"#)) == [
                .event(RealtimeEvent(type: "next", text: #"{"data":1}"#))
            ])
        #expect(
            dialect.received(DialectMessage(text: #"{"type":"connection_error","payload":{"message":"no"}}"#)) == [
                .failed("the server refused the connection: no")
            ])
        #expect(dialect.farewell() == [#"{"id":"1","type":"stop"}"#, #"{"type":"connection_terminate"}"#])
    }

    @Test func tellsWhyAnOperationWasRefused() {
        var dialect = GraphQLSocketDialect(.transportWS, operation: Self.operation, initPayload: nil)
        let error = #"{"id":"1","type":"error","payload":[{"message":"a"},{"message":"b"}]}"#
        #expect(
            dialect.received(DialectMessage(text: error)) == [.failed("the server refused the operation: a; b")])
        #expect(
            dialect.received(DialectMessage(text: "<html>")) == [
                .misunderstood("the server sent something that is no message: <html>")
            ])
    }

    @Test func plainSocketsNameEventsByTheirType() {
        var dialect = PlainSocketDialect()
        #expect(dialect.opened() == [.ready])
        #expect(dialect.received(DialectMessage(text: #"{"type":"pong"}"#)) == [.answered])
        let text = #"{"event_type":"session.started","session_id":"7"}"#
        #expect(
            dialect.received(DialectMessage(text: text)) == [
                .event(RealtimeEvent(type: "session.started", text: text))
            ])
        #expect(dialect.encode("{}") == "{}")
    }

    @Test func graphQLStreamsEndWithComplete() {
        var dialect = GraphQLStreamDialect()
        #expect(
            dialect.received(DialectMessage(event: "next", text: "{}")) == [
                .event(RealtimeEvent(type: "next", text: "{}"))
            ])
        #expect(dialect.received(DialectMessage(event: "complete", text: "")) == [.completed])
    }

    @Test(arguments: [
        (#"{"payload":{"a":[1,"}",{}]},"x":1}"#, #"{"a":[1,"}",{}]}"#), (#" { "payload" : 1.50 , "x":1}"#, "1.50"),
        (#"{"x":"\"payload\":2","payload":"a\\"}"#, #""a\\""#), (#"{"payl\u006fad":true}"#, "true"),
    ])
    func cutsMembersOutAsTheyAreWritten(_ text: String, _ member: String) {
        #expect(JSONSlice.member("payload", of: text) == member)
    }

    @Test(arguments: ["[]", "{}", "1", "", "{\"payload", #"{"x":1}"#])
    func findsNoMemberWhereThereIsNone(_ text: String) {
        #expect(JSONSlice.member("payload", of: text) == nil)
    }
}
