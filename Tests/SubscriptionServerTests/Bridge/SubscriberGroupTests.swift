import NIOCore
import NIOEmbedded
import SubscriptionProtocols
import Testing

@testable import SubscriptionServer

@Suite("Subscribers of one event loop") struct SubscriberGroupTests {
    private final class Receiver: OperationReceiver {
        private(set) var results: [String] = []
        private(set) var isComplete = false
        /// Called with each result.
        var onDelivery: (() -> Void)?

        func deliver(_ payload: ByteBuffer, to token: OperationToken) {
            self.results.append(String(buffer: payload))
            self.onDelivery?()
        }

        func complete(_ token: OperationToken) { self.isComplete = true }
        func fail(_ token: OperationToken, errors: [UInt8], because failure: OperationFailure) {}
        func flushDelivered() {}
    }

    private let loop = EmbeddedEventLoop()
    private let receiver = Receiver()
    private let group: SubscriberGroup

    init() throws {
        self.group = SubscriberGroup(eventLoop: self.loop, limit: 1000, metrics: ServerMetrics())
        let token = OperationToken(id: try #require(OperationID("1")), generation: 1)
        self.group.add(OperationOutput(to: self.receiver, on: self.loop, token: token))
    }

    private func enqueue(_ number: Int) -> Bool { self.group.enqueue(.result(ByteBuffer(string: "\(number)"))) }

    @Test("Much is delivered in turns, between which the loop sees to its sockets")
    func turns() {
        for number in 0..<150 { #expect(self.enqueue(number)) }
        _ = self.group.enqueue(.complete)
        self.loop.run()
        #expect(self.receiver.results.count == 64)
        self.loop.advanceTime(by: .microseconds(20))
        #expect(self.receiver.results.count == 128)
        #expect(!self.receiver.isComplete)
        self.loop.advanceTime(by: .microseconds(20))
        #expect(self.receiver.results == (0..<150).map(String.init))
        #expect(self.receiver.isComplete)
    }

    @Test("What comes while something is delivered waits for the next turn")
    func arrivalsMeanwhile() {
        var next = 1
        self.receiver.onDelivery = {
            guard next < 5 else { return }
            _ = self.enqueue(next)
            next += 1
        }
        #expect(self.enqueue(0))
        self.loop.run()
        #expect(self.receiver.results == ["0"])
        for _ in 0..<4 { self.loop.advanceTime(by: .microseconds(20)) }
        #expect(self.receiver.results == (0..<5).map(String.init))
        // And what comes later is delivered at once again.
        #expect(self.enqueue(5))
        self.loop.run()
        #expect(self.receiver.results.last == "5")
    }
}
