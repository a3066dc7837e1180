import TestSupport
import Testing

@testable import RealtimeClient

/// The rules of "Parsing an event stream" in the HTML standard.
@Suite struct EventStreamParserTests {
    private static func event(_ data: String, type: String = "message", id: String = "") -> EventStreamParser.Element {
        .event(type: type, id: id, data: data)
    }

    @Test(arguments: [
        ("data: a\n\n", [event("a")]),
        ("data:a\r\n\r\n", [event("a")]),
        ("data: a\r\r", [event("a")]),
        ("data:  a\n\n", [event(" a")]),
        ("data: a\ndata\ndata: b\n\n", [event("a\n\nb")]),
        ("event: x\nid: 7\ndata: a\n\ndata: b\n\n", [event("a", type: "x", id: "7"), event("b", id: "7")]),
        (": hello\n\ndata: a\n\n", [.comment, event("a")]),
        ("retry: 250\ndata: a\n\n", [.retry(.milliseconds(250)), event("a")]),
        ("retry: 1.5\nretry:\nnothing: x\ndata: a\n\n", [event("a")]),
        ("id: 1\0\ndata: a\n\n", [event("a")]),
        ("event: x\n\ndata: a\n\n", [event("a")]),
        ("data: unfinished\n", []),
        ("\u{FEFF}data: a\n\n", [event("a")]),
        ("data: a\n\n\u{FEFF}data: b\n\n", [event("a")]),
        ("data: é😀\n\n", [event("é😀")]),
    ])
    func readsWhole(_ text: String, _ expected: [EventStreamParser.Element]) throws {
        var parser = EventStreamParser()
        #expect(try parser.read(Array(text.utf8)) == expected)
        var byByte = EventStreamParser()
        var elements: [EventStreamParser.Element] = []
        for byte in text.utf8 { elements += try byByte.read([byte]) }
        #expect(elements == expected)
    }

    @Test func refusesWhatIsTooLong() throws {
        var parser = EventStreamParser(limit: 100)
        #expect(try parser.read(Array("data: \(String(repeating: "a", count: 80))\n".utf8)) == [])
        #expect(throws: EventStreamParser.TooLong.self) {
            try parser.read(Array("data: \(String(repeating: "a", count: 80))\n".utf8))
        }
    }

    @Test func readsAnyBytesInAnyPieces() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("event streams: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let pieces = ["data", ":", " ", "\n", "\r", "\r\n", "event", "id", "retry", "5", "é", "\u{0}", "x"]
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0..<30, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            var whole = EventStreamParser()
            let expected = try whole.read(Array(text.utf8))
            var parts = EventStreamParser()
            var elements: [EventStreamParser.Element] = []
            for byte in text.utf8 { elements += try parts.read([byte]) }
            #expect(elements == expected, "seed \(seed): \(text.debugDescription)")
        }
    }
}
