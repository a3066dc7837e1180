import TestSupport
import Testing

@testable import TokenVerification

@Suite("Tokens at random", .timeLimit(.minutes(1)))
struct TokenFuzzTests {
    @Test("Random bytes, and good tokens with random damage, are refused and harm nothing")
    func fuzz() async throws {
        var random = SeededGenerator()
        print("seed \(random.seed)")
        let keys = try KeySet([
            await TestKeys.verification(.hs256), await TestKeys.verification(.rs256),
            await TestKeys.verification(.es256), await TestKeys.verification(.eddsa),
        ])
        let verifier = TokenVerifier(
            keys: FixedKeys(keys), policy: TokenPolicy(), now: { TokenVerifierTests.now })
        var good: [[UInt8]] = []
        for algorithm in TokenAlgorithm.allCases {
            good.append(Array(try await TestKeys.forge(algorithm).token(TokenVerifierTests.good).utf8))
        }
        for token in good {
            #expect(try await verifier.verify(String(decoding: token, as: UTF8.self)).user == "ada")
        }
        let alphabet = Array("eyJhbGciOiJ9.0_-=% \u{0}\n".utf8)
        for _ in 0..<4000 {
            var bytes: [UInt8]
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            case 1:
                bytes = (0..<Int.random(in: 0..<200, using: &random)).map { _ in
                    alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
                }
            default:
                bytes = good[Int.random(in: 0..<good.count, using: &random)]
                for _ in 0...Int.random(in: 0..<3, using: &random) {
                    let index = Int.random(in: 0..<bytes.count, using: &random)
                    bytes[index] = UInt8.random(in: 0...255, using: &random)
                }
                if good.contains(bytes) { continue }
            }
            let text = String(decoding: bytes, as: UTF8.self)
            await #expect(throws: TokenRejection.self, "\(bytes)") { try await verifier.verify(text) }
        }
    }
}
