import Testing

@testable import ConformanceKit

/// Also without optimisation a message of 4 MiB is taken in soon, so that it holds up no other case.
@Suite struct LargeMessageTests {
    static let text =
        #"{"type":"next","id":"1","payload":{"data":{"a":""# + String(repeating: "x", count: 4 << 20)
        + #""}}}"#

    @Test func isTakenInSoon() throws {
        let payload = Array(Self.text.utf8)
        let clock = ContinuousClock()
        let elapsed = try clock.measure {
            let bytes = FrameWriter.bytes(RawFrame(opcode: Opcode.text, payload: payload))
            var parser = FrameParser()
            parser.append(bytes)
            let frame = try #require(try parser.next())
            let writer = HistoryWriter(caseName: "x", now: { 0 })
            writer.redaction.hide("a secret of some length", as: "s")
            var state = CaseState()
            state.apply(writer.append(.caseStarted(token: "utoken", values: .object([]))))
            state.apply(writer.append(.frameReceived(frame: frame), connection: "c1"))
            #expect(state.connections["c1"]?.items.first?.type == "next")
            #expect(state.connections["c1"]?.items.first?.json?.text == Self.text)
        }
        #expect(elapsed < .seconds(2), "\(elapsed)")
    }

    @Test(arguments: ["", "a", "\"", "\\", "\n", "a\u{1F}b", "é\u{2028}", "\u{0}", "x\"y\\z\r\t"])
    func textsGoBothWays(text: String) throws {
        let json = JSON.string(text)
        #expect(try JSONParser.parse(Array(json.text.utf8)) == json)
    }

    @Test(arguments: [0, 1, 3, 4, 5, 125, 126, 70_000])
    func masksGoBothWays(count: Int) throws {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        var parser = FrameParser()
        parser.append(FrameWriter.bytes(RawFrame(opcode: Opcode.binary, payload: payload)))
        #expect(try parser.next()?.payload.bytes == payload)
    }
}
