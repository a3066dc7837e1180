import TestSupport
import Testing

@testable import ConformanceKit

@Suite struct FrameTests {
    @Test func readsAMaskedFrame() throws {
        // RFC 6455 §5.7, a single-frame masked text message.
        var parser = FrameParser()
        parser.append([0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58])
        let frame = try #require(try parser.next())
        #expect(frame == WireFrame(opcode: Opcode.text, masked: true, payload: Array("Hello".utf8)))
        #expect(try parser.next() == nil)
    }

    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536])
    func lengthsTakeTheirShortestForm(count: Int) throws {
        let frame = RawFrame(opcode: Opcode.binary, payload: [UInt8](repeating: 7, count: count))
        var parser = FrameParser()
        parser.append(FrameWriter.bytes(frame))
        let read = try #require(try parser.next())
        #expect(read.payload.bytes.count == count)
        #expect(read.lengthForm == (count < 126 ? 0 : count < 65_536 ? 2 : 8))
        #expect(FrameRules.problems(of: read) == ["the frame is masked (RFC 6455 §5.1)"])
    }

    /// Whatever is written comes back, in whatever pieces the bytes arrive.
    @Test func everyFrameSurvivesEverySplit() throws {
        var generator = SeededGenerator()
        print("seed \(generator.seed)")
        for _ in 0..<200 {
            var bytes: [UInt8] = []
            var expected: [WireFrame] = []
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let size = [0, 3, 125, 126, 200, 66_000].randomElement(using: &generator) ?? 0
                let frame = RawFrame(
                    opcode: UInt8.random(in: 0..<16, using: &generator),
                    payload: (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &generator) },
                    fin: .random(using: &generator), rsv: UInt8.random(in: 0..<8, using: &generator),
                    masked: .random(using: &generator),
                    lengthForm: size < 126 ? [nil, 2, 8].randomElement(using: &generator) ?? nil : nil)
                bytes += FrameWriter.bytes(frame)
                expected.append(FrameWriter.record(frame))
            }
            var parser = FrameParser()
            var read: [WireFrame] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let size = Int.random(in: 1...max(1, min(rest.count, 40_000)), using: &generator)
                parser.append(rest.prefix(size))
                rest = rest.dropFirst(size)
                while let frame = try parser.next() { read.append(frame) }
            }
            #expect(read == expected)
        }
    }

    @Test func byteByByte() throws {
        let bytes =
            FrameWriter.bytes(RawFrame(opcode: Opcode.text, payload: Array("{}".utf8)))
            + FrameWriter.bytes(RawFrame(opcode: Opcode.ping, payload: [1, 2, 3]))
        var parser = FrameParser()
        var opcodes: [UInt8] = []
        for byte in bytes {
            parser.append([byte])
            while let frame = try parser.next() { opcodes.append(frame.opcode) }
        }
        #expect(opcodes == [Opcode.text, Opcode.ping])
    }

    /// Bytes that nobody meant are read as frames or refused, and never trap.
    @Test func noiseIsHarmless() {
        var generator = SeededGenerator()
        print("seed \(generator.seed)")
        for _ in 0..<500 {
            var parser = FrameParser()
            parser.append((0..<64).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
            var frames = 0
            while (try? parser.next()) != nil, frames < 100 {
                guard let frame = try? parser.next() else { break }
                _ = FrameRules.problems(of: frame)
                frames += 1
            }
            #expect(frames < 100)
        }
    }

    @Test func aLieAboutTheLengthIsNotWaitedFor() {
        var parser = FrameParser()
        parser.append([0x82, 0x7F, 0x80, 0, 0, 0, 0, 0, 0, 0])
        #expect(throws: FrameParser.TooLong(announced: 1 << 63)) { try parser.next() }
    }

    @Test(arguments: [
        (WireFrame(opcode: Opcode.text, masked: false, payload: []), 0),
        (WireFrame(rsv: 4, opcode: Opcode.text, masked: false, payload: []), 1),
        (WireFrame(opcode: 3, masked: false, payload: []), 1),
        (WireFrame(opcode: Opcode.text, masked: false, lengthForm: 2, payload: [1]), 1),
        (WireFrame(fin: false, opcode: Opcode.ping, masked: false, payload: []), 1),
        (WireFrame(opcode: Opcode.ping, masked: false, payload: [UInt8](repeating: 0, count: 126)), 1),
        (WireFrame(opcode: Opcode.close, masked: false, payload: [3]), 1),
        (WireFrame(opcode: Opcode.close, masked: false, payload: [3, 237]), 1),
        (WireFrame(opcode: Opcode.close, masked: false, payload: [3, 232, 0xFF]), 1),
        (WireFrame(opcode: Opcode.close, masked: false, payload: [17, 48]), 0),
    ])
    func judgesFrames(frame: WireFrame, problems: Int) {
        #expect(FrameRules.problems(of: frame).count == problems)
    }

    @Test func messagesAreJoined() {
        var assembler = MessageAssembler()
        #expect(assembler.add(WireFrame(opcode: Opcode.continuation, masked: false, payload: [1])) == nil)
        #expect(assembler.add(WireFrame(fin: false, opcode: Opcode.text, masked: false, payload: [1])) == nil)
        #expect(assembler.add(WireFrame(fin: false, opcode: Opcode.continuation, masked: false, payload: [])) == nil)
        let whole = assembler.add(WireFrame(opcode: Opcode.continuation, masked: false, payload: [2]))
        #expect(whole?.opcode == Opcode.text)
        #expect(whole?.payload == [1, 2])
    }
}
