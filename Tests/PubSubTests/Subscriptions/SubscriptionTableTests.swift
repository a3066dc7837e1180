import PubSub
import Testing

@Suite("Subscription table")
struct SubscriptionTableTests {
    typealias Table = SubscriptionTable<String>

    let channel: ChannelName
    let other: ChannelName

    init() throws {
        self.channel = try ChannelName("c")
        self.other = try ChannelName("d")
    }

    @Test("SUBSCRIBE for the first, UNSUBSCRIBE after the last")
    func counts() throws {
        var table = Table()
        #expect(table.linkUp() == [])
        let a = try #require(table.subscribe(to: self.channel, "a").sent)
        let b = try #require(table.subscribe(to: self.channel, "b").waiting)
        #expect(table.audience(of: self.channel) == [])
        #expect(table.subscribeConfirmed(self.channel).admitted == ["a", "b"])
        let c = try #require(table.subscribe(to: self.channel, "c").joined)
        #expect(table.audience(of: self.channel) == ["a", "b", "c"])
        #expect(table.cancel(a, on: self.channel) == .none)
        #expect(table.cancel(a, on: self.channel) == .none)
        #expect(table.cancel(c, on: self.channel) == .none)
        #expect(table.audience(of: self.channel) == ["b"])
        #expect(table.cancel(b, on: self.channel) == .send)
        #expect(table.audience(of: self.channel) == [])
        #expect(table.unsubscribeConfirmed(self.channel) == .none)
        #expect(table.heldChannelCount == 0)
        #expect(table.subscriberCount == 0)
        #expect(table.subscribe(to: self.channel, "d").sent != nil)
    }

    @Test("The last one leaves before the confirmation: UNSUBSCRIBE goes out at once")
    func leavesUnconfirmed() throws {
        var table = Table()
        _ = table.linkUp()
        let a = try #require(table.subscribe(to: self.channel, "a").sent)
        #expect(table.cancel(a, on: self.channel) == .send)
        let b = try #require(table.subscribe(to: self.channel, "b").waiting)
        let late = table.subscribeConfirmed(self.channel)
        #expect(late.admitted.isEmpty)
        #expect(table.unsubscribeConfirmed(self.channel) == .send)
        #expect(table.subscribeConfirmed(self.channel).admitted == ["b"])
        #expect(table.cancel(b, on: self.channel) == .send)
    }

    @Test("Taken by the broker: those who had it lose it, the next one subscribes")
    func taken() throws {
        var table = Table()
        _ = table.linkUp()
        #expect(table.taken(self.channel) == [])
        let a = try #require(table.subscribe(to: self.channel, "a").sent)
        #expect(table.taken(self.channel) == [], "it was not confirmed")
        _ = table.subscribeConfirmed(self.channel)
        let b = try #require(table.subscribe(to: self.channel, "b").joined)
        #expect(table.taken(self.channel) == ["a", "b"])
        #expect(table.heldChannelCount == 0)
        #expect(table.cancel(a, on: self.channel) == .none)
        #expect(table.cancel(b, on: self.channel) == .none)
        let c = try #require(table.subscribe(to: self.channel, "c").sent)
        _ = table.subscribeConfirmed(self.channel)
        #expect(table.cancel(c, on: self.channel) == .send)
        let d = try #require(table.subscribe(to: self.channel, "d").waiting)
        #expect(table.taken(self.channel) == [], "it crosses UNSUBSCRIBE")
        #expect(table.unsubscribeConfirmed(self.channel) == .send)
        #expect(table.subscribeConfirmed(self.channel).admitted == ["d"])
        #expect(table.cancel(d, on: self.channel) == .send)
    }

    @Test("Who comes and goes while UNSUBSCRIBE is under way costs no command")
    func comesAndGoesWhileLeaving() throws {
        var table = Table()
        _ = table.linkUp()
        let a = try #require(table.subscribe(to: self.channel, "a").sent)
        _ = table.subscribeConfirmed(self.channel)
        #expect(table.cancel(a, on: self.channel) == .send)
        let b = try #require(table.subscribe(to: self.channel, "b").waiting)
        #expect(table.cancel(b, on: self.channel) == .none)
        #expect(table.unsubscribeConfirmed(self.channel) == .none)
        #expect(table.heldChannelCount == 0)
    }

    @Test("A lost link keeps the confirmed and gives up the others; the next one subscribes each channel once")
    func reconnects() throws {
        var table = Table()
        #expect(table.subscribe(to: self.channel, "early") == .refuse)
        _ = table.linkUp()
        _ = table.subscribe(to: self.other, "a")
        _ = table.subscribe(to: self.channel, "b")
        _ = table.subscribeConfirmed(self.channel)
        _ = table.subscribe(to: self.channel, "c")
        let lost = table.linkLost()
        #expect(lost.interrupted == ["b", "c"])
        #expect(lost.failed == ["a"])
        #expect(table.linkLost().interrupted == [])
        #expect(table.subscribe(to: self.channel, "d") == .refuse)
        #expect(table.linkUp() == [self.channel])
        #expect(table.linkUp() == [])
        #expect(table.subscribe(to: self.channel, "e").waiting != nil)
        let again = table.subscribeConfirmed(self.channel)
        #expect(again.resumed == ["b", "c"])
        #expect(again.admitted == ["e"])
        #expect(table.audience(of: self.channel) == ["b", "c", "e"])
        #expect(table.subscribeConfirmed(self.channel).resumed == [])
    }

    @Test("Lost again before the resubscription is confirmed: nobody is told twice")
    func flaps() throws {
        var table = Table()
        _ = table.linkUp()
        let a = try #require(table.subscribe(to: self.channel, "a").sent)
        _ = table.subscribeConfirmed(self.channel)
        #expect(table.linkLost().interrupted == ["a"])
        #expect(table.linkUp() == [self.channel])
        #expect(table.linkLost().interrupted == [])
        #expect(table.cancel(a, on: self.channel) == .none)
        #expect(table.linkUp() == [])
    }

    @Test("An error answer ends the channel, for those who had it and those who wanted it")
    func refused() throws {
        var table = Table()
        _ = table.linkUp()
        _ = table.subscribe(to: self.channel, "a")
        _ = table.subscribeConfirmed(self.channel)
        _ = table.linkLost()
        _ = table.linkUp()
        _ = table.subscribe(to: self.channel, "b")
        let refused = table.subscribeRefused(self.channel)
        #expect(refused.ended == ["a"])
        #expect(refused.failed == ["b"])
        #expect(table.heldChannelCount == 0)
    }

    @Test("An error answer to a SUBSCRIBE that is being taken back spares who came since")
    func refusedWhileLeaving() throws {
        var table = Table()
        _ = table.linkUp()
        let a = try #require(table.subscribe(to: self.channel, "a").sent)
        #expect(table.cancel(a, on: self.channel) == .send)
        #expect(table.subscribe(to: self.channel, "b").waiting != nil)
        #expect(table.subscribeRefused(self.channel).failed == [])
        #expect(table.unsubscribeConfirmed(self.channel) == .send)
        #expect(table.subscribeConfirmed(self.channel).admitted == ["b"])
    }

    @Test("Answers that nobody waits for change nothing")
    func unexpectedAnswers() {
        var table = Table()
        _ = table.linkUp()
        #expect(table.subscribeConfirmed(self.channel).admitted == [])
        #expect(table.unsubscribeConfirmed(self.channel) == .none)
        #expect(table.subscribeRefused(self.channel).failed == [])
        _ = table.subscribe(to: self.channel, "a")
        _ = table.subscribeConfirmed(self.channel)
        #expect(table.unsubscribeConfirmed(self.channel) == .none)
        #expect(table.audience(of: self.channel) == ["a"])
    }

    @Test("Closing empties the table")
    func closes() {
        var table = Table()
        _ = table.linkUp()
        _ = table.subscribe(to: self.channel, "a")
        _ = table.subscribeConfirmed(self.channel)
        _ = table.subscribe(to: self.other, "b")
        let closed = table.close()
        #expect(closed.ended == ["a"])
        #expect(closed.failed == ["b"])
        #expect(table.subscribe(to: self.channel, "c") == .refuse)
    }
}

extension SubscriptionTable.OnSubscribe {
    fileprivate var sent: SubscriptionTable.SubscriberID? { if case .send(let id) = self { id } else { nil } }
    fileprivate var waiting: SubscriptionTable.SubscriberID? { if case .wait(let id) = self { id } else { nil } }
    fileprivate var joined: SubscriptionTable.SubscriberID? { if case .joined(let id) = self { id } else { nil } }
}
