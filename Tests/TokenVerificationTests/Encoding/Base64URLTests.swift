import Foundation
import TestSupport
import Testing

@testable import TokenVerification

@Suite("Base64 for URLs")
struct Base64URLTests {
    @Test(
        "The vectors of RFC 4648 §10, without padding",
        arguments: [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE")])
    func vectors(plain: String, encoded: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == Array(encoded.utf8))
        #expect(Base64URL.decode(Array(encoded.utf8)) == Array(plain.utf8))
    }

    @Test(
        "Other spellings are refused", arguments: ["Zg==", "Zh", "Zm9", "Z", "Zg\n", " Zg", "Z+8", "Z/8", "Zm8=", "é"])
    func refused(text: String) {
        #expect(Base64URL.decode(Array(text.utf8)) == nil)
    }

    @Test("Bytes at random, there and back, as Foundation writes them")
    func random() {
        var random = SeededGenerator()
        print("seed \(random.seed)")
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            let text = Base64URL.encode(bytes)
            #expect(String(decoding: text, as: UTF8.self) == Forge.base64URL(Data(bytes)))
            #expect(Base64URL.decode(text) == bytes)
        }
    }
}
