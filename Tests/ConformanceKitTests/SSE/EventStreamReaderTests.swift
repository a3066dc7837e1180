import Testing

@testable import ConformanceKit

@Suite struct EventStreamReaderTests {
    typealias Output = EventStreamReader.Output

    static func read(_ bytes: [UInt8], piece: Int) -> [Output] {
        var reader = EventStreamReader()
        var output: [Output] = []
        for start in stride(from: 0, to: bytes.count, by: piece) {
            output += reader.append(bytes[start..<min(start + piece, bytes.count)])
        }
        return output + reader.finish()
    }

    static func event(_ name: String, _ data: String, lines: Int = 1, named: Bool = true, id: String = "") -> Output {
        .event(ServerSentEvent(name: name, data: data, dataLines: lines, isNamed: named, lastID: id))
    }

    struct Sample: Sendable, CustomTestStringConvertible {
        var bytes: [UInt8]
        var output: [Output]
        var testDescription: String { String(decoding: self.bytes, as: UTF8.self).debugDescription }

        init(_ text: String, _ output: [Output]) {
            self.bytes = Array(text.utf8)
            self.output = output
        }
    }

    static let samples: [Sample] = [
        .init("", []),
        .init("event: next\ndata: {}\n\n", [event("next", "{}")]),
        .init("event: next\r\ndata: {}\r\n\r\n", [event("next", "{}")]),
        .init("event: next\rdata: {}\r\r", [event("next", "{}")]),
        .init("event: next\r\ndata: a\rdata: b\n\r\n", [event("next", "a\nb", lines: 2)]),
        .init("data\n\n", [event("message", "", named: false)]),
        .init("data:\n\n", [event("message", "", named: false)]),
        .init("data:x\n\n", [event("message", "x", named: false)]),
        .init("data: x\n\n", [event("message", "x", named: false)]),
        .init("data:  x\n\n", [event("message", " x", named: false)]),
        .init("data: a\u{2028}b\u{85}c\n\n", [event("message", "a\u{2028}b\u{85}c", named: false)]),
        .init("event: complete\n\n", [event("complete", "", lines: 0)]),
        .init("event: complete\ndata:\n\n", [event("complete", "")]),
        .init(":\n\n: hi\n", [.comment(""), .comment(" hi")]),
        .init("event: next\n:x\ndata: 1\n\n", [.comment("x"), event("next", "1")]),
        .init(
            "id: 7\ndata: a\n\ndata: b\n\nid\ndata: c\n\n",
            [
                event("message", "a", named: false, id: "7"), event("message", "b", named: false, id: "7"),
                event("message", "c", named: false),
            ]),
        .init(
            "id: a\0b\ndata: x\n\n",
            [
                .problem(row: "event-stream/id", message: "an `id` with NUL is ignored"),
                event("message", "x", named: false),
            ]),
        .init("retry: 3000\n\n", [.retry("3000")]),
        .init("retry: 12x\n\n", [.problem(row: "event-stream/retry", message: "`retry` is no number: `12x`")]),
        .init(
            "Data: x\n\n",
            [
                .problem(row: "event-stream/field-names", message: "the field `Data` does not exist")
            ]),
        .init(
            "data : x\n\n",
            [
                .problem(row: "event-stream/field-names", message: "the field `data ` does not exist")
            ]),
        .init(
            "event:  next\ndata: 1\n\n",
            [
                .problem(row: "event-stream/event-value", message: "the event name ` next` has white space"),
                event(" next", "1"),
            ]),
        .init(
            "\u{FEFF}data: x\n\n",
            [
                .problem(row: "event-stream/no-bom", message: "the stream begins with a byte order mark"),
                event("message", "x", named: false),
            ]),
        .init("data: \u{FEFF}x\n\n\n\n", [event("message", "\u{FEFF}x", named: false)]),
        .init(
            "data: x",
            [
                .problem(
                    row: "event-stream/blank-line-ends-event",
                    message: "the stream ends inside an event, which is lost (WHATWG HTML §9.2.6)")
            ]),
        .init(
            "data: x\n",
            [
                .problem(
                    row: "event-stream/blank-line-ends-event",
                    message: "the stream ends inside an event, which is lost (WHATWG HTML §9.2.6)")
            ]),
    ]

    @Test(arguments: samples)
    func readsTheSameInPiecesOfEverySize(sample: Sample) {
        for piece in 1...max(1, sample.bytes.count) {
            #expect(Self.read(sample.bytes, piece: piece) == sample.output, "pieces of \(piece)")
        }
    }

    @Test func bytesThatAreNoUTF8AreNoted() {
        let output = Self.read(Array("data: ".utf8) + [0xFF, 0xC0, 0x0A, 0x0A], piece: 1)
        #expect(output.first == .problem(row: "event-stream/utf8", message: "a line is not UTF-8"))
        #expect(output.count == 2)
    }

    @Test func aLongLineIsReadInLinearTime() {
        let bytes = Array("data: ".utf8) + [UInt8](repeating: 0x61, count: 2 << 20) + [0x0A, 0x0A]
        var elapsed: [Duration] = []
        for count in [bytes.count / 4, bytes.count] {
            let clock = ContinuousClock()
            elapsed.append(clock.measure { _ = Self.read(Array(bytes.suffix(count)), piece: 1_000) })
        }
        // Four times the bytes; sixteen times the time would be quadratic.
        #expect(elapsed[1] < elapsed[0] * 12 + .milliseconds(200))
    }
}
