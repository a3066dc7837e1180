import GraphQLCore
import TestSupport
import Testing

/// Bytes at random must be read or refused, never trap; and what is read writes to bytes that read the same.
@Suite struct JSONFuzzTests {
    private static let pieces: [[UInt8]] =
        [
            "{", "}", "[", "]", ",", ":", "\"", "\"a\"", "\"\\u00e9\"", "\"\\ud83d\\ude00\"", "\\u", "\\ud800", "true",
            "false",
            "null", "0", "-", "-0", "1.5", "1e400", "9223372036854775807", "9223372036854775808", "0.1", "E+", " ",
            "\n",
            "\t", "é", "😀", "\u{0}", "\u{FEFF}",
        ].map { Array($0.utf8) } + [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF0, 0x9F]]

    @Test func anyBytesAreReadOrRefused() {
        var read = 0
        var refused = 0
        Fuzz.run("JSON") { random in
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 1...24, using: &random) {
                bytes += Self.pieces.randomElement(using: &random) ?? []
            }
            do {
                let value = try JSONReader.read(bytes)
                read += 1
                let written = value.encoded()
                #expect(try JSONReader.read(written) == value, "seed \(random.seed): \(bytes)")
                #expect(try JSONReader.read(written).encoded() == written, "seed \(random.seed): \(bytes)")
            } catch {
                refused += 1
            }
        }
        #expect(read > 0 && refused > 0)
    }

    @Test func damagedTextIsReadOrRefused() {
        let text =
            #"{"id":"1","type":"subscribe","payload":{"query":"{ a }","variables":{"x":[1,2.5e3,null,true,"\u00e9"]}}}"#
        var refused = 0
        Fuzz.run("damaged JSON") { random in
            var bytes = Array(text.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = bytes.indices.randomElement(using: &random) ?? 0
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
                }
            }
            if (try? JSONReader.read(bytes)) == nil {
                refused += 1
            }
        }
        #expect(refused > 0)
    }
}
