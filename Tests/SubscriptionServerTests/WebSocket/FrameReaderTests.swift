import NIOCore
import SubscriptionProtocols
import TestSupport
import Testing

@testable import SubscriptionServer

/// Mistakes of clients.
private enum FrameMistakes {
    static let invalidUTF8: [[UInt8]] = [
        [0xFF], [0x80], [0xC0, 0xAF], [0xC1, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5], [0xE2, 0x82],
        [0xE0, 0x80, 0x80], [0xF0, 0x80, 0x80, 0x80], [0x61, 0xC3],
    ]

    static let violations: [(String, ClientFrame)] =
        [
            ("unmasked", ClientFrame(text: "x").with { $0.mask = nil }),
            ("RSV1", ClientFrame(text: "x").with { $0.reserved = 4 }),
            ("RSV2", ClientFrame(text: "x").with { $0.reserved = 2 }),
            ("RSV3", ClientFrame(text: "x").with { $0.reserved = 1 }),
            ("control too long", ClientFrame(9, [UInt8](repeating: 0, count: 126))),
            ("control fragmented", ClientFrame(9).with { $0.isFinal = false }),
            ("nothing to continue", ClientFrame(0, [1])),
            ("16 bits for 125", ClientFrame(text: "x").with { $0.lengthBits = 16 }),
            ("64 bits for 1", ClientFrame(text: "x").with { $0.lengthBits = 64 }),
            ("close of one byte", ClientFrame(8, [3])),
            ("close reason too long", ClientFrame(close: 1000, String(repeating: "x", count: 124))),
        ] + [3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map { ("opcode \($0)", ClientFrame($0)) }
        + [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535].map { ("close \($0)", ClientFrame(close: $0)) }
}

@Suite struct FrameReaderTests {
    /// What the frames amount to, one line an event, when they come in the given pieces.
    private static func lines(
        _ pieces: [[UInt8]], limit: Int = 1 << 20, lenience: FrameLenience = [], discarding: Bool = false
    ) -> [String] {
        var reader = FrameReader(messageLimit: limit, lenience: lenience)
        reader.isDiscarding = discarding
        var lines: [String] = []
        for piece in pieces {
            reader.feed(ByteBuffer(bytes: piece))
            while let event = reader.next() {
                lines.append(self.line(event))
            }
        }
        return lines
    }

    private static func line(_ event: FrameReader.Event) -> String {
        switch event {
        case .text(let text): "text \(String(buffer: text))"
        case .binary: "binary"
        case .ping(let payload): "ping \(Array(payload.readableBytesView))"
        case .pong: "pong"
        case .close(let status): "close \(status.map(String.init) ?? "-")"
        case .violation(let close): "violation \(close.code.rawValue)"
        }
    }

    /// The same in one piece, byte by byte, and cut at every place.
    private func expect(_ frames: [ClientFrame], _ expected: [String], limit: Int = 1 << 20) {
        let bytes = frames.flatMap(\.bytes)
        #expect(Self.lines([bytes], limit: limit) == expected)
        #expect(Self.lines(bytes.map { [$0] }, limit: limit) == expected, "byte by byte")
        for cut in 0...min(bytes.count, 300) {
            let lines = Self.lines([Array(bytes[..<cut]), Array(bytes[cut...])], limit: limit)
            #expect(lines == expected, "cut at \(cut)")
        }
    }

    private func part(_ opcode: UInt8, _ payload: [UInt8], isFinal: Bool) -> ClientFrame {
        ClientFrame(opcode, payload).with { $0.isFinal = isFinal }
    }

    @Test(arguments: [0, 1, 3, 4, 7, 8, 9, 125, 126, 127])
    func textOfEveryLength(length: Int) {
        let text = String((0..<length).map { Character(Unicode.Scalar(UInt8(ascii: "a") + UInt8($0 % 26))) })
        self.expect([ClientFrame(text: text)], ["text \(text)"])
    }

    @Test(arguments: [65_535, 65_536, 100_000])
    func longText(length: Int) {
        let text = String(repeating: "x", count: length)
        let bytes = ClientFrame(text: text).bytes
        #expect(Self.lines([bytes]) == ["text \(text)"])
        #expect(Self.lines([Array(bytes[..<1000]), Array(bytes[1000...])]) == ["text \(text)"])
    }

    @Test(arguments: [[0, 0, 0, 0], [255, 255, 255, 255], [1, 2, 3, 4]] as [[UInt8]])
    func anyMask(mask: [UInt8]) {
        self.expect([ClientFrame(text: "masked text").with { $0.mask = mask }], ["text masked text"])
    }

    @Test func severalFrames() {
        self.expect(
            [
                ClientFrame(text: "a"), ClientFrame(9, [1]), ClientFrame(text: ""), ClientFrame(10),
                ClientFrame(text: "b"),
            ],
            ["text a", "ping [1]", "text ", "pong", "text b"])
    }

    @Test func fragmentsWithControlFramesBetween() {
        self.expect(
            [
                self.part(1, Array("he".utf8), isFinal: false), ClientFrame(9, [7]),
                self.part(0, [], isFinal: false), ClientFrame(10, [1, 2]),
                self.part(0, Array("l".utf8), isFinal: false), self.part(0, Array("lo".utf8), isFinal: true),
                ClientFrame(text: "next"),
            ],
            ["ping [7]", "pong", "text hello", "text next"])
    }

    @Test func charactersMayBeCutByFragments() {
        let bytes = Array("a😀ß".utf8)
        for cut in 0...bytes.count {
            self.expect(
                [
                    self.part(1, Array(bytes[..<cut]), isFinal: false),
                    self.part(0, Array(bytes[cut...]), isFinal: true),
                ],
                ["text a😀ß"])
        }
    }

    @Test(arguments: ["\0", "\u{FFFF}", "\u{10FFFF}", "\u{D7FF}\u{E000}"])
    func extremesOfUTF8(text: String) {
        self.expect([ClientFrame(text: text)], ["text \(text)"])
    }

    @Test(arguments: FrameMistakes.invalidUTF8)
    func invalidUTF8(bytes: [UInt8]) {
        self.expect([ClientFrame(1, bytes), ClientFrame(text: "never")], ["violation 1007"])
    }

    @Test func invalidUTF8FailsBeforeTheMessageEnds() {
        let frame = ClientFrame(1, [0x61, 0xFF] + [UInt8](repeating: 0x61, count: 1000)).bytes
        #expect(Self.lines([Array(frame[..<12])]) == ["violation 1007"])
    }

    @Test(arguments: FrameMistakes.violations)
    func violation(name: String, frame: ClientFrame) {
        self.expect([frame, ClientFrame(text: "never")], ["violation 1002"])
    }

    @Test func lengthWithTheHighestBit() {
        let header: [UInt8] = [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4]
        #expect(Self.lines([header]) == ["violation 1002"])
    }

    @Test(arguments: [1, 2] as [UInt8])
    func newMessageInsideAnother(opcode: UInt8) {
        self.expect([self.part(1, [0x61], isFinal: false), ClientFrame(opcode, [0x61])], ["violation 1002"])
    }

    @Test(arguments: [1000, 1001, 1002, 1003, 1007, 1014, 3000, 3999, 4000, 4999] as [UInt16])
    func legalCloses(code: UInt16) {
        self.expect([ClientFrame(close: code, "bye"), ClientFrame(text: "never")], ["close \(code)"])
    }

    @Test func closeWithoutStatus() {
        self.expect([ClientFrame(8)], ["close -"])
    }

    @Test func longestCloseReason() {
        self.expect([ClientFrame(close: 1000, String(repeating: "x", count: 123))], ["close 1000"])
    }

    @Test func closeReasonThatIsNoUTF8() {
        self.expect([ClientFrame(8, [0x03, 0xE8, 0xFF])], ["violation 1007"])
        self.expect([ClientFrame(8, [0x03, 0xE8, 0xE2, 0x82])], ["violation 1007"])
    }

    @Test func limitOfMessages() {
        self.expect([ClientFrame(text: "12345678")], ["text 12345678"], limit: 8)
        self.expect([ClientFrame(text: "123456789")], ["violation 1009"], limit: 8)
        self.expect(
            [self.part(1, Array("1234".utf8), isFinal: false), self.part(0, Array("5678".utf8), isFinal: true)],
            ["text 12345678"], limit: 8)
        self.expect(
            [self.part(1, Array("1234".utf8), isFinal: false), self.part(0, Array("56789".utf8), isFinal: true)],
            ["violation 1009"], limit: 8)
    }

    @Test func announcedLengthReservesNothing() {
        var reader = FrameReader(messageLimit: 1 << 40)
        reader.feed(ByteBuffer(bytes: [0x81, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5]))
        #expect(reader.next() == nil)
        #expect(reader.retainedBytes < 100)
        // Over the limit, the header is enough to tell.
        #expect(Self.lines([[0x81, 0xFF, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4]]) == ["violation 1009"])
    }

    @Test func binaryIsToldAtOnceAndSkipped() {
        let frame = ClientFrame(2, [UInt8](repeating: 0xFF, count: 50)).bytes
        #expect(Self.lines([Array(frame[..<8])]) == ["binary"])
        self.expect([ClientFrame(2, [0xFF, 0xFE]), ClientFrame(text: "x")], ["binary", "text x"])
    }

    @Test func nothingIsKeptOfAnIdleConnection() {
        var reader = FrameReader(messageLimit: 100)
        reader.feed(ByteBuffer(bytes: ClientFrame(text: "abc").bytes))
        #expect(reader.next() == .text(ByteBuffer(string: "abc")))
        #expect(reader.next() == nil)
        #expect(reader.retainedBytes == 0)
    }

    @Test func afterTheServersCloseOnlyTheClientsCounts() {
        let frames = [
            ClientFrame(1, [0xFF, 0xFF]), ClientFrame(text: String(repeating: "x", count: 500)), ClientFrame(2, [1]),
            ClientFrame(close: 4400),
        ]
        let bytes = frames.flatMap(\.bytes)
        #expect(Self.lines([bytes], limit: 10, discarding: true) == ["close 4400"])
        #expect(Self.lines(bytes.map { [$0] }, limit: 10, discarding: true) == ["close 4400"])
    }

    @Test func closeInTheMiddleOfAMessageThatIsDiscarded() {
        var reader = FrameReader(messageLimit: 100)
        reader.feed(ByteBuffer(bytes: self.part(1, Array("abc".utf8), isFinal: false).bytes))
        #expect(reader.next() == nil)
        reader.isDiscarding = true
        reader.feed(ByteBuffer(bytes: self.part(0, [0x61], isFinal: true).bytes + ClientFrame(close: 1000).bytes))
        #expect(reader.next() == .close(1000))
    }

    @Test func lenienceOverlooksWhatItNames() {
        #expect(
            Self.lines([ClientFrame(text: "x").with { $0.mask = nil }.bytes], lenience: .unmasked) == ["text x"])
        #expect(
            Self.lines([ClientFrame(text: "x").with { $0.reserved = 4 }.bytes], lenience: .reservedBits) == ["text x"])
        #expect(Self.lines([ClientFrame(1, [0xFF]).bytes], lenience: .invalidUTF8).count == 1)
        #expect(Self.lines([ClientFrame(1, [0xFF]).bytes], lenience: .unmasked) == ["violation 1007"])
    }

    /// Any stream of whole frames reads the same however it is cut.
    @Test func randomStreamsInRandomPieces() {
        var generator = SeededGenerator()
        print("seed \(generator.seed)")
        for _ in 0..<200 {
            var frames: [ClientFrame] = []
            var expected: [String] = []
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let text = String(repeating: "aß😀", count: Int.random(in: 0...60, using: &generator))
                if Bool.random(using: &generator) {
                    frames.append(ClientFrame(9, [1, 2, 3]))
                    expected.append("ping [1, 2, 3]")
                }
                let bytes = Array(text.utf8)
                let cut = Int.random(in: 0...bytes.count, using: &generator)
                frames.append(self.part(1, Array(bytes[..<cut]), isFinal: false))
                frames.append(self.part(0, Array(bytes[cut...]), isFinal: true))
                expected.append("text \(text)")
            }
            var rest = frames.flatMap(\.bytes)[...]
            var pieces: [[UInt8]] = []
            while !rest.isEmpty {
                let count = Int.random(in: 1...min(rest.count, 64), using: &generator)
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(Self.lines(pieces) == expected)
        }
    }
}

@Suite struct FrameHeaderTests {
    @Test(
        arguments: [
            (0, [0x81, 0]), (125, [0x81, 125]), (126, [0x81, 126, 0, 126]), (65_535, [0x81, 126, 255, 255]),
            (65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] as [(Int, [UInt8])])
    func lengthsAreWrittenInTheShortestForm(length: Int, bytes: [UInt8]) {
        var buffer = ByteBuffer()
        FrameHeader.write(.text, length: length, to: &buffer)
        #expect(Array(buffer.readableBytesView) == bytes)
    }
}
