import GraphQLCore
import SubscriptionProtocols
import Testing

/// What event streams consist of.
@Suite struct EventStreamTests {
    @Test(arguments: [
        (ServerSentEvent(data: "x"), "data: x\n\n"),
        (ServerSentEvent(data: ""), "data: \n\n"),
        (ServerSentEvent(event: "e", id: "1", data: "x", retry: 0), "event: e\nid: 1\nretry: 0\ndata: x\n\n"),
        (ServerSentEvent(data: "a\nb\rc\r\nd\n"), "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n"),
        (ServerSentEvent(data: "\r\n\r\n"), "data: \ndata: \ndata: \n\n"),
        (ServerSentEvent(data: "\u{2028}\u{85}é"), "data: \u{2028}\u{85}é\n\n"),
        (ServerSentEvent(event: "a\r\nb", id: "1\u{0}\n2", data: "x", retry: -1), "event: ab\nid: 12\ndata: x\n\n"),
        (ServerSentEvent(id: "", data: "x"), "id: \ndata: x\n\n"),
    ])
    func encoding(event: ServerSentEvent, text: String) {
        #expect(String(decoding: event.encoded, as: UTF8.self) == text)
    }

    @Test func comments() {
        #expect(String(decoding: ServerSentEvent.comment("a\nb"), as: UTF8.self) == ": a\n: b\n\n")
    }

    @Test func messages() throws {
        let id = try #require(OperationID("q\"\n"))
        #expect(
            String(decoding: EventStreamMessage.nextPrefix(id), as: UTF8.self)
                == #"event: next\#ndata: {"id":"q\"\n","payload":"#)
        #expect(
            String(decoding: EventStreamMessage.complete(id), as: UTF8.self)
                == "event: complete\ndata: {\"id\":\"q\\\"\\n\"}\n\n")
        #expect(String(decoding: EventStreamMessage.complete, as: UTF8.self) == "event: complete\ndata:\n\n")
        #expect(
            String(decoding: EventStreamMessage.result(errors: Array("[1]".utf8)), as: UTF8.self) == #"{"errors":[1]}"#)
    }
}

/// The rules of both modes, without any connection.
@Suite struct EventStreamSessionTests {
    private let id = OperationID.only

    /// Starts an operation that must be started.
    private func start(_ session: inout ReservedStream<String>) throws -> OperationToken {
        guard case .start(let token) = session.start(self.id) else { throw NotStarted() }
        return token
    }

    private struct NotStarted: Error {}

    @Test func aDistinctStreamEndsOnce() {
        var stream = DistinctStream<String>()
        let isAttached = stream.attach("handle")
        #expect(isAttached && stream.isOpen)
        let finished = [stream.finish(), stream.finish()]
        #expect(finished == [true, false] && !stream.isOpen)
        let late = (stream.stop(), stream.attach("late"))
        #expect(late == (nil, false))
    }

    @Test func aDistinctStreamIsStoppedOnce() {
        var stream = DistinctStream<String>()
        _ = stream.attach("handle")
        let stopped = [stream.stop(), stream.stop()]
        #expect(stopped == ["handle", nil])
        let isFinished = stream.finish()
        #expect(!isFinished)
        var early = DistinctStream<String>()
        let handle = early.stop()
        let isAttached = early.attach("late")
        #expect(handle == nil && !isAttached)
    }

    @Test func aReservationIsOpenedOnce() {
        var session = ReservedStream<String>()
        #expect(session.phase == .reserved)
        let opened = [session.open(), session.open()]
        #expect(opened == [.accept, .alreadyOpen])
        let timedOut = session.openingTimedOut()
        #expect(timedOut == nil)
        let stopped = session.end()
        #expect(stopped.isEmpty && session.phase == .ended)
        let late = (session.open(), session.start(self.id))
        #expect(late == (.gone, .gone))
        if case .gone = session.delete(self.id) {} else { Issue.record("deleted after the end") }
    }

    @Test func aReservationThatIsNotOpenedInTimeEnds() throws {
        var session = ReservedStream<String>()
        let token = try self.start(&session)
        _ = session.attach("handle", to: token)
        let stopped = session.openingTimedOut()
        #expect(stopped == ["handle"] && session.phase == .ended && !session.isOpen(token))
        let again = session.openingTimedOut()
        #expect(again == nil)
    }

    @Test func anIDIsHeldUntilTheEndOfItsOperation() throws {
        var session = ReservedStream<String>()
        let first = try self.start(&session)
        let second = session.start(self.id)
        #expect(second == .idInUse && session.tokens == [first] && session.openOperations == 1)
        let finished = [session.finish(first), session.finish(first)]
        #expect(finished == [true, false])
    }

    @Test func whatIsLateForOneOperationDoesNotTouchTheNext() throws {
        var session = ReservedStream<String>()
        let first = try self.start(&session)
        _ = session.finish(first)
        let second = try self.start(&session)
        let late = (session.isOpen(first), session.attach("late", to: first), session.finish(first))
        #expect(late == (false, false, false) && session.isOpen(second))
        let isAttached = session.attach("second", to: second)
        #expect(isAttached)
        guard case .stop("second") = session.delete(self.id), case .unknown = session.delete(self.id) else {
            Issue.record("not deleted once")
            return
        }
        #expect(!session.isOpen(second))
    }

    @Test func anOperationMayBeDeletedWhileItBegins() throws {
        var session = ReservedStream<String>()
        let token = try self.start(&session)
        guard case .stop(nil) = session.delete(self.id) else {
            Issue.record("not deleted")
            return
        }
        let isAttached = session.attach("late", to: token)
        let stopped = session.end()
        #expect(!isAttached && stopped.isEmpty)
    }
}
