import PubSub
import TestSupport
import Testing

/// Drives the table with random subscribers, a random link and a broker that answers when it likes, and checks it
/// against what the subscribers are entitled to.
@Suite("Subscription table against a model")
struct SubscriptionTableModelTests {
    @Test("Random histories", arguments: 0..<40)
    func randomHistory(run: Int) throws {
        var generator = SeededGenerator()
        var model = try Model()
        for step in 0..<400 {
            model.step(&generator)
            try #require(model.broken == nil, "seed \(generator.seed), run \(run), step \(step): \(model.broken ?? "")")
        }
        model.settle()
        try #require(model.broken == nil, "seed \(generator.seed), run \(run), at the end: \(model.broken ?? "")")
    }
}

private struct Model {
    enum Command { case subscribe(ChannelName), unsubscribe(ChannelName) }

    struct Subscriber {
        let id: SubscriptionTable<Int>.SubscriberID
        let channel: ChannelName
        var isAdmitted: Bool
        var isInterrupted = false
    }

    let names: [ChannelName]
    var table = SubscriptionTable<Int>()
    var isUp = false
    /// Sent and not yet read by the broker.
    var underWay: [Command] = []
    /// What the broker believes.
    var atBroker: Set<ChannelName> = []
    var subscribers: [Int: Subscriber] = [:]
    var lastSubscriber = 0
    /// The first broken promise.
    var broken: String?

    init() throws {
        self.names = try (0..<4).map { try ChannelName("channel \($0)") }
    }

    mutating func step(_ generator: inout SeededGenerator) {
        let name = self.names.randomElement(using: &generator) ?? self.names[0]
        switch Int.random(in: 0..<20, using: &generator) {
        case 0..<6: self.subscribe(to: name)
        case 6..<11: self.cancel(self.subscribers.keys.sorted().randomElement(using: &generator))
        case 11..<17: self.brokerReads(refuses: Int.random(in: 0..<12, using: &generator) == 0)
        case 17, 18: self.publish(on: name)
        default: self.isUp ? self.lose() : self.connect()
        }
    }

    /// Lets everything under way arrive; then both sides have to agree.
    mutating func settle() {
        if !self.isUp { self.connect() }
        while !self.underWay.isEmpty { self.brokerReads(refuses: false) }
        for name in self.names { self.publish(on: name) }
        self.require(self.subscribers.values.allSatisfy { $0.isAdmitted && !$0.isInterrupted }, "someone still waits")
        self.require(self.atBroker == Set(self.subscribers.values.map(\.channel)), "the broker holds other channels")
        for subscriber in self.subscribers.keys.sorted() { self.cancel(subscriber) }
        while !self.underWay.isEmpty { self.brokerReads(refuses: false) }
        self.require(self.atBroker.isEmpty, "the broker holds channels without subscribers")
        self.require(self.table.subscriberCount == 0 && self.table.heldChannelCount == 0, "the table is not empty")
    }

    private mutating func require(_ holds: Bool, _ promise: String) {
        if !holds && self.broken == nil { self.broken = promise }
    }

    private mutating func send(_ command: Command) {
        self.require(self.isUp, "a command on a link that is down")
        self.underWay.append(command)
        var counts: [ChannelName: Int] = [:]
        for case .subscribe(let name) in self.underWay { counts[name, default: 0] += 1 }
        for case .unsubscribe(let name) in self.underWay { counts[name, default: 0] += 1 }
        self.require(counts.values.allSatisfy { $0 <= 2 }, "more than two commands under way for a channel")
    }

    private mutating func subscribe(to name: ChannelName) {
        self.lastSubscriber += 1
        let member = self.lastSubscriber
        switch self.table.subscribe(to: name, member) {
        case .send(let id):
            self.subscribers[member] = Subscriber(id: id, channel: name, isAdmitted: false)
            self.send(.subscribe(name))
        case .wait(let id):
            self.subscribers[member] = Subscriber(id: id, channel: name, isAdmitted: false)
        case .joined(let id):
            self.subscribers[member] = Subscriber(id: id, channel: name, isAdmitted: true)
            self.require(self.atBroker.contains(name), "joined a channel that the broker does not hold")
        case .refuse:
            self.require(!self.isUp, "refused while the link was up")
        }
    }

    private mutating func cancel(_ member: Int?) {
        guard let member, let subscriber = self.subscribers.removeValue(forKey: member) else { return }
        let isLast = !self.subscribers.values.contains { $0.channel == subscriber.channel }
        switch self.table.cancel(subscriber.id, on: subscriber.channel) {
        case .send:
            self.require(isLast, "UNSUBSCRIBE although others hold the channel")
            self.send(.unsubscribe(subscriber.channel))
        case .none:
            break
        }
    }

    private mutating func brokerReads(refuses: Bool) {
        guard !self.underWay.isEmpty else { return }
        switch self.underWay.removeFirst() {
        case .subscribe(let name) where refuses:
            let answer = self.table.subscribeRefused(name)
            for member in answer.failed + answer.ended { self.subscribers[member] = nil }
        case .subscribe(let name):
            self.require(self.atBroker.insert(name).inserted, "SUBSCRIBE for a channel that the broker holds")
            let answer = self.table.subscribeConfirmed(name)
            for member in answer.admitted {
                self.require(self.subscribers[member]?.isAdmitted == false, "admitted twice or unknown")
                self.subscribers[member]?.isAdmitted = true
            }
            for member in answer.resumed {
                self.require(self.subscribers[member]?.isInterrupted == true, "resumed without an interruption")
                self.subscribers[member]?.isInterrupted = false
            }
        case .unsubscribe(let name):
            self.atBroker.remove(name)
            if case .send = self.table.unsubscribeConfirmed(name) { self.send(.subscribe(name)) }
        }
    }

    private mutating func publish(on name: ChannelName) {
        let audience = self.table.audience(of: name)
        let entitled = self.subscribers.filter { $0.value.channel == name && $0.value.isAdmitted && self.isUp }
        let expected = entitled.filter { !$0.value.isInterrupted }.keys.sorted()
        self.require(audience == expected, "the message went to \(audience), not to \(expected)")
    }

    private mutating func lose() {
        self.isUp = false
        self.underWay = []
        self.atBroker = []
        let answer = self.table.linkLost()
        for member in answer.failed {
            self.require(self.subscribers[member]?.isAdmitted == false, "gave up an admitted subscriber")
            self.subscribers[member] = nil
        }
        for member in answer.interrupted {
            self.require(self.subscribers[member]?.isInterrupted == false, "interrupted twice")
            self.subscribers[member]?.isInterrupted = true
        }
        self.require(self.subscribers.values.allSatisfy(\.isInterrupted), "someone was not told of the interruption")
    }

    private mutating func connect() {
        self.isUp = true
        for name in self.table.linkUp() { self.send(.subscribe(name)) }
    }
}
