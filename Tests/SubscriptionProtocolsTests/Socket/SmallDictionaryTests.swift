import TestSupport
import Testing

@testable import SubscriptionProtocols

@Suite("Dictionaries that are small")
struct SmallDictionaryTests {
    @Test("Whatever is done, it holds what a dictionary holds")
    func model() {
        var random = SeededGenerator()
        print("seed \(random.seed)")
        for _ in 0..<200 {
            var small = SmallDictionary<Int, String>()
            var model: [Int: String] = [:]
            for step in 0..<60 {
                let key = Int.random(in: 0..<4, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    #expect(small.remove(key) == model.removeValue(forKey: key))
                case 1:
                    small[key] = nil
                    model[key] = nil
                default:
                    small[key] = "\(step)"
                    model[key] = "\(step)"
                }
                #expect(small.count == model.count)
                #expect(small.isEmpty == model.isEmpty)
                for key in 0..<4 { #expect(small[key] == model[key]) }
                var seen: [Int: String] = [:]
                small.forEach { seen[$0] = $1 }
                #expect(seen == model)
                #expect(small.map { "\($0)\($1)" }.sorted() == model.map { "\($0)\($1)" }.sorted())
            }
        }
    }
}
