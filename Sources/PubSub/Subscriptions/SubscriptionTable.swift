/// The books of one link to a broker: who holds which channel, and what the broker has been told and has confirmed.
///
/// A pure value; the caller carries out the answers, in the order in which it got them. The rules:
/// - SUBSCRIBE goes out for a channel's first subscriber, UNSUBSCRIBE at once after its last.
/// - A channel has at most two commands under way: a subscriber that comes while an UNSUBSCRIBE is under way waits
///   for its confirmation, and only then SUBSCRIBE goes out again. Churn so cannot pile commands up.
/// - When the link is lost, confirmed subscribers stay and are subscribed again, once for each channel, on the next
///   link; those still unconfirmed are given up.
///
/// `Member` is whatever the caller keeps for a subscriber; the table hands it back and never looks into it.
package struct SubscriptionTable<Member> {
    /// Names a subscriber for the life of the table.
    package struct SubscriberID: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private enum LinkState {
        case down
        case up
    }

    private enum Phase {
        /// SUBSCRIBE is under way, and at least one subscriber is there.
        case subscribing
        /// Confirmed, and at least one subscriber is there.
        case live
        /// UNSUBSCRIBE is under way, behind an unconfirmed SUBSCRIBE if `confirmsFirst`. Whoever joined since waits.
        case leaving(confirmsFirst: Bool)
        /// The link is down; every subscriber left was confirmed once.
        case parked
    }

    private struct Seat {
        let member: Member
        var isEstablished: Bool
    }

    /// The subscribers of one channel in the order in which they came, which is that of their numbers. Most channels have
    /// one, for which a dictionary would be large.
    private struct Seats {
        private var entries: [(id: SubscriberID, seat: Seat?)] = []
        /// Entries without a seat: whoever leaves from the middle is taken out with many others at once.
        private var vacant = 0

        init() {}

        init(_ id: SubscriberID, _ seat: Seat) {
            self.entries = [(id, seat)]
        }

        var count: Int { self.entries.count - self.vacant }
        var isEmpty: Bool { self.count == 0 }

        /// Those who are there, in order.
        var inOrder: [(key: SubscriberID, value: Seat)] {
            self.entries.compactMap { entry in entry.seat.map { (entry.id, $0) } }
        }

        /// Adds a subscriber with a higher number than all before.
        mutating func add(_ id: SubscriberID, _ seat: Seat) {
            self.entries.append((id, seat))
        }

        mutating func establish(_ id: SubscriberID) {
            if let index = self.index(of: id) { self.entries[index].seat?.isEstablished = true }
        }

        /// False when it was not there.
        mutating func remove(_ id: SubscriberID) -> Bool {
            guard let index = self.index(of: id) else { return false }
            self.entries[index].seat = nil
            self.vacant += 1
            if 2 * self.vacant >= self.entries.count {
                self.entries = self.entries.filter { $0.seat != nil }
                self.vacant = 0
            }
            return true
        }

        private func index(of id: SubscriberID) -> Int? {
            var (low, high) = (0, self.entries.count)
            while low < high {
                let middle = (low + high) / 2
                if self.entries[middle].id.number < id.number { low = middle + 1 } else { high = middle }
            }
            guard low < self.entries.count, self.entries[low].id == id, self.entries[low].seat != nil else {
                return nil
            }
            return low
        }
    }

    private struct Channel {
        var phase: Phase
        var seats = Seats()
        /// The members that a message goes to; nil when it has to be worked out again.
        var audience: [Member]?
    }

    private var link = LinkState.down
    private var channels: [ChannelName: Channel] = [:]
    private var lastID: UInt64 = 0

    /// An empty table of a link that is down.
    package init() {}

    /// How many channels have a subscriber, confirmed or not.
    package var heldChannelCount: Int { self.channels.values.count { !$0.seats.isEmpty } }

    /// How many subscribers there are, confirmed or not.
    package var subscriberCount: Int { self.channels.values.reduce(0) { $0 + $1.seats.count } }

    // MARK: Subscribers come and go

    package enum OnSubscribe: Equatable {
        /// Send SUBSCRIBE; the confirmation will admit the subscriber.
        case send(SubscriberID)
        /// A confirmation under way will admit the subscriber; nothing to send.
        case wait(SubscriberID)
        /// The channel is live: the subscriber is admitted.
        case joined(SubscriberID)
        /// The link is down. Nothing was recorded.
        case refuse
    }

    /// Someone wants the channel.
    package mutating func subscribe(to name: ChannelName, _ member: Member) -> OnSubscribe {
        guard self.link == .up else { return .refuse }
        self.lastID += 1
        let id = SubscriberID(number: self.lastID)
        guard var channel = self.channels.removeValue(forKey: name) else {
            let seats = Seats(id, Seat(member: member, isEstablished: false))
            self.channels[name] = Channel(phase: .subscribing, seats: seats)
            return .send(id)
        }
        let answer: OnSubscribe
        switch channel.phase {
        case .live:
            channel.seats.add(id, Seat(member: member, isEstablished: true))
            channel.audience = nil
            answer = .joined(id)
        case .subscribing, .leaving:
            channel.seats.add(id, Seat(member: member, isEstablished: false))
            answer = .wait(id)
        case .parked:
            // Unreachable while the link is up; the same as a first subscriber.
            channel.seats.add(id, Seat(member: member, isEstablished: false))
            channel.phase = .subscribing
            answer = .send(id)
        }
        self.channels[name] = channel
        return answer
    }

    package enum OnCancel: Equatable {
        /// It was the last: send UNSUBSCRIBE.
        case send
        /// Nothing to send.
        case none
    }

    /// A subscriber gives the channel up. Unknown subscribers are ignored.
    package mutating func cancel(_ id: SubscriberID, on name: ChannelName) -> OnCancel {
        guard var channel = self.channels.removeValue(forKey: name) else { return .none }
        guard channel.seats.remove(id) else {
            self.channels[name] = channel
            return .none
        }
        channel.audience = nil
        guard channel.seats.isEmpty else {
            self.channels[name] = channel
            return .none
        }
        switch channel.phase {
        case .subscribing:
            channel.phase = .leaving(confirmsFirst: true)
            self.channels[name] = channel
            return .send
        case .live:
            channel.phase = .leaving(confirmsFirst: false)
            self.channels[name] = channel
            return .send
        case .leaving:
            self.channels[name] = channel
            return .none
        case .parked:
            return .none
        }
    }

    /// The broker ended the subscription by itself. Nobody holds the channel any more, except those who came after an
    /// UNSUBSCRIBE that is still under way: they have their own SUBSCRIBE to come.
    ///
    /// - Returns: Those who had it, in order.
    package mutating func taken(_ name: ChannelName) -> [Member] {
        guard let channel = self.channels[name], case .live = channel.phase else { return [] }
        self.channels[name] = nil
        return channel.seats.inOrder.map(\.value.member)
    }

    // MARK: The broker answers

    package struct OnSubscribed {
        /// Subscribers that are admitted by this confirmation.
        package var admitted: [Member] = []
        /// Subscribers that were admitted on an earlier link and now hear again.
        package var resumed: [Member] = []
    }

    /// The broker confirmed a SUBSCRIBE. A confirmation that nobody waits for changes nothing.
    package mutating func subscribeConfirmed(_ name: ChannelName) -> OnSubscribed {
        var answer = OnSubscribed()
        guard var channel = self.channels.removeValue(forKey: name) else { return answer }
        switch channel.phase {
        case .subscribing:
            for (id, seat) in channel.seats.inOrder {
                if seat.isEstablished {
                    answer.resumed.append(seat.member)
                } else {
                    answer.admitted.append(seat.member)
                    channel.seats.establish(id)
                }
            }
            channel.audience = nil
            channel.phase = .live
        case .leaving(confirmsFirst: true):
            channel.phase = .leaving(confirmsFirst: false)
        case .leaving(confirmsFirst: false), .live, .parked:
            break
        }
        self.channels[name] = channel
        return answer
    }

    package enum OnUnsubscribed: Equatable {
        /// Someone came meanwhile: send SUBSCRIBE.
        case send
        /// The channel is forgotten, or the confirmation was not awaited.
        case none
    }

    /// The broker confirmed an UNSUBSCRIBE.
    package mutating func unsubscribeConfirmed(_ name: ChannelName) -> OnUnsubscribed {
        guard var channel = self.channels.removeValue(forKey: name) else { return .none }
        switch channel.phase {
        case .leaving where channel.seats.isEmpty:
            // Removing keeps the storage of the busiest moment.
            if self.channels.isEmpty { self.channels = [:] }
            return .none
        case .leaving:
            channel.phase = .subscribing
            self.channels[name] = channel
            return .send
        case .subscribing, .live, .parked:
            self.channels[name] = channel
            return .none
        }
    }

    package struct OnRefused {
        /// Subscribers whose subscription could not be made.
        package var failed: [Member] = []
        /// Subscribers that had the channel before and lose it.
        package var ended: [Member] = []
    }

    /// The broker answered a SUBSCRIBE with an error. Nobody holds the channel any more, except those who came after
    /// an UNSUBSCRIBE that is still under way: they have their own SUBSCRIBE to come.
    package mutating func subscribeRefused(_ name: ChannelName) -> OnRefused {
        var answer = OnRefused()
        guard var channel = self.channels.removeValue(forKey: name) else { return answer }
        switch channel.phase {
        case .subscribing:
            for (_, seat) in channel.seats.inOrder {
                if seat.isEstablished {
                    answer.ended.append(seat.member)
                } else {
                    answer.failed.append(seat.member)
                }
            }
        case .leaving:
            channel.phase = .leaving(confirmsFirst: false)
            self.channels[name] = channel
        case .live, .parked:
            self.channels[name] = channel
        }
        return answer
    }

    /// A message came: whom it goes to, in the order in which they subscribed. Nobody, unless the channel is live.
    package mutating func audience(of name: ChannelName) -> [Member] {
        guard let index = self.channels.index(forKey: name), case .live = self.channels.values[index].phase else {
            return []
        }
        if let audience = self.channels.values[index].audience { return audience }
        let audience = self.channels.values[index].seats.inOrder.map(\.value.member)
        self.channels.values[index].audience = audience
        return audience
    }

    // MARK: The link comes and goes

    /// A new link is up: the channels to send SUBSCRIBE for, each once, in the order of their names.
    package mutating func linkUp() -> [ChannelName] {
        guard self.link == .down else { return [] }
        self.link = .up
        let names = self.channels.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        for name in names {
            self.channels[name]?.phase = .subscribing
        }
        return names
    }

    package struct OnLinkLost {
        /// Subscribers that stay and have to be told. Those that were told before and not resumed since are not
        /// among them.
        package var interrupted: [Member] = []
        /// Subscribers whose subscription was not confirmed yet; they are gone.
        package var failed: [Member] = []
    }

    /// The link is gone, and with it all that the broker knew of us.
    package mutating func linkLost() -> OnLinkLost {
        var answer = OnLinkLost()
        guard self.link == .up else { return answer }
        self.link = .down
        for name in self.channels.keys.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            guard var channel = self.channels.removeValue(forKey: name) else { continue }
            let wasLive: Bool
            if case .live = channel.phase { wasLive = true } else { wasLive = false }
            for (id, seat) in channel.seats.inOrder {
                if !seat.isEstablished {
                    answer.failed.append(seat.member)
                    _ = channel.seats.remove(id)
                } else if wasLive {
                    answer.interrupted.append(seat.member)
                }
            }
            channel.phase = .parked
            channel.audience = nil
            if !channel.seats.isEmpty {
                self.channels[name] = channel
            }
        }
        return answer
    }

    /// Empties the table for good.
    package mutating func close() -> OnRefused {
        var answer = OnRefused()
        for (_, channel) in self.channels {
            for (_, seat) in channel.seats.inOrder {
                if seat.isEstablished {
                    answer.ended.append(seat.member)
                } else {
                    answer.failed.append(seat.member)
                }
            }
        }
        self.channels = [:]
        self.link = .down
        return answer
    }
}
