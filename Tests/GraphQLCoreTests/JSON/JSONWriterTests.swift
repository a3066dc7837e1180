import GraphQLCore
import TestSupport
import Testing

@Suite struct JSONWriterTests {
    @Test(
        arguments: [
            (JSONValue.null, "null"), (true, "true"), (false, "false"), (0, "0"), (9, "9"), (10, "10"), (-1, "-1"),
            (.int(.max), "9223372036854775807"), (.int(.min), "-9223372036854775808"), (1.5, "1.5"), (1.0, "1.0"),
            (.double(.infinity), "null"), (.double(.nan), "null"), (1e300, "1e+300"),
            (.double(.leastNonzeroMagnitude), "5e-324"),
            (.number("1e400"), "1e400"), (.number("1,2"), "\"1,2\""), (.number(""), "\"\""), (.number("1 "), "\"1 \""),
            ("", "\"\""), ("a\"\\/", #""a\"\\/""#), ("\u{8}\t\n\u{C}\r", #""\b\t\n\f\r""#),
            ("\0\u{1}\u{1F}x\u{7F}", "\"\\u0000\\u0001\\u001fx\u{7F}\""), ("é😀\u{2028}", "\"é😀\u{2028}\""),
            ([], "[]"), ([1, [2], [:]], "[1,[2],{}]"), (["b": 1, "a\n": [nil]], #"{"b":1,"a\n":[null]}"#),
        ] as [(JSONValue, String)])
    func writesValue(value: JSONValue, text: String) {
        #expect(value.text == text)
    }

    @Test func writesStepByStep() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("type")
        writer.string("next")
        writer.key("list")
        writer.beginArray()
        writer.int(1)
        writer.bool(true)
        writer.bool(false)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.value(["a": 1])
        writer.endArray()
        writer.key("payload")
        writer.raw(Array(#"{"data":null}"#.utf8))
        writer.key("last")
        writer.value(nil)
        writer.endObject()
        let text = #"{"type":"next","list":[1,true,false,null,{},[],{"a":1}],"payload":{"data":null},"last":null}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == text)
    }

    @Test func readsBackWhatItWrote() throws {
        var random = SeededGenerator()
        print("seed \(random.seed)")
        for _ in 0..<2_000 {
            let value = Self.value(levels: 5, using: &random)
            let bytes = value.encoded()
            let read = try JSONReader.read(bytes)
            #expect(read == value)
            #expect(read.encoded() == bytes)
        }
    }

    @Test func survivesDamagedText() {
        var random = SeededGenerator()
        print("seed \(random.seed)")
        var refused = 0
        for _ in 0..<5_000 {
            var bytes = Self.value(levels: 4, using: &random).encoded()
            for _ in 0..<Int.random(in: 1...3, using: &random) where !bytes.isEmpty {
                let position = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[position] = .random(in: .min ... .max, using: &random)
                case 1: bytes.remove(at: position)
                default: bytes.insert(.random(in: .min ... .max, using: &random), at: position)
                }
            }
            do throws(JSONError) {
                let value = try JSONReader.read(bytes)
                // What is accepted is written as text that is accepted again with the same meaning.
                #expect((try? JSONReader.read(value.encoded())) == value)
            } catch {
                #expect((0...bytes.count).contains(error.offset))
                refused += 1
            }
        }
        #expect(refused > 500)
    }

    @Test func keepsRandomDoubles() throws {
        var random = SeededGenerator()
        print("seed \(random.seed)")
        for _ in 0..<20_000 {
            let number = Double(bitPattern: .random(in: .min ... .max, using: &random))
            guard number.isFinite else { continue }
            let value = try JSONReader.read(number.description)
            #expect(value == .double(number))
            #expect(JSONValue.double(number).text == number.description)
        }
    }

    @Test func writesDoublesInTheirShortestForm() {
        var random = SeededGenerator()
        print("seed \(random.seed)")
        for round in 0..<20_000 {
            // Numbers of few digits after the point, and their neighbours.
            var number = Double(Int64.random(in: -1_000_000...1_000_000, using: &random))
            number /= [1, 10, 100, 1_000, 10_000, 1e6].randomElement(using: &random) ?? 1
            number *= [1, 1, 1e-3, 1e6, 1e9].randomElement(using: &random) ?? 1
            if round.isMultiple(of: 3) { number = number.nextUp }
            #expect(JSONValue.double(number).text == number.description)
        }
    }

    @Test func findsWhatHasToBeEscapedWhereverItStands() throws {
        for length in 0..<40 {
            for special: Unicode.Scalar in [
                "\"", "\\", "\n", "\0", "\u{1F}", " ", "!", "#", "[", "]", "\u{7F}", "é", "\u{80}",
            ] {
                for place in 0..<length {
                    var text = String(repeating: "x", count: place)
                    text.unicodeScalars.append(special)
                    text += String(repeating: "y", count: length - place - 1)
                    let written = JSONValue.string(text).text
                    #expect(try JSONReader.read(written) == .string(text))
                    let isPlain = special.value >= 0x20 && special != "\"" && special != "\\"
                    #expect(
                        written.utf8.count == text.utf8.count
                            + (isPlain ? 2 : special.value < 0x20 && special != "\n" ? 7 : 3))
                }
            }
        }
    }

    static func value(levels: Int, using random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(levels > 0 ? 9 : 6), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .int(Int64.random(in: .min ... .max, using: &random) >> Int64.random(in: 0..<64, using: &random))
        case 3: return .double(Double.random(in: -1e6...1e6, using: &random))
        case 4: return .number("1" + String(repeating: "0", count: 18) + "12\(UInt8.random(in: 1...9, using: &random))")
        case 5: return .string(self.string(using: &random))
        case 6:
            return .array(
                (0..<Int.random(in: 0..<5, using: &random)).map { _ in self.value(levels: levels - 1, using: &random) })
        default:
            var object = JSONObject()
            for _ in 0..<Int.random(in: 0..<16, using: &random) {
                object[self.string(using: &random)] = self.value(levels: levels - 1, using: &random)
            }
            return .object(object)
        }
    }

    private static func string(using random: inout SeededGenerator) -> String {
        let alphabet: [Unicode.Scalar] = [
            "a", "Z", "0", "\"", "\\", "/", "\n", "\0", "é", "\u{301}", "€", "😀", "\u{10FFFF}",
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0..<12, using: &random) {
            text.unicodeScalars.append(alphabet[Int.random(in: alphabet.indices, using: &random)])
        }
        return text
    }
}
