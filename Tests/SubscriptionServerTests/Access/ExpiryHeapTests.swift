import TestSupport
import Testing

@testable import SubscriptionServer

@Suite("Connections in the order of their ends")
struct ExpiryHeapTests {
    private func connection() -> LiveConnection {
        LiveConnection(principal: .anybody, transport: .eventStream, peer: nil) { _ in }
    }

    @Test("Whoever stays comes out in order, whoever leaves and comes in between")
    func order() {
        var random = SeededGenerator()
        print("seed \(random.seed)")
        for _ in 0..<50 {
            var heap = ExpiryHeap()
            var expected: [(due: Double, connection: LiveConnection)] = []
            for number in 0..<200 {
                if !expected.isEmpty, Int.random(in: 0..<3, using: &random) == 0 {
                    let leaver = expected.remove(at: Int.random(in: 0..<expected.count, using: &random))
                    heap.remove(leaver.connection)
                    // Nothing happens the second time.
                    heap.remove(leaver.connection)
                } else {
                    let due = Double(Int.random(in: 0..<20, using: &random)) + Double(number) / 1000
                    let newcomer = self.connection()
                    heap.add(newcomer, due: due)
                    expected.append((due, newcomer))
                }
                #expect(heap.count == expected.count)
                #expect(heap.nextDue == expected.map(\.due).min())
            }
            for next in expected.sorted(by: { $0.due < $1.due }) {
                #expect(heap.removeNext() === next.connection)
            }
            #expect(heap.removeNext() == nil)
        }
    }
}
