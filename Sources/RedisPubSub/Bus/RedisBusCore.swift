import PubSub

/// What a `RedisBus` knows on its event loop: the two links and the table of subscriptions.
final class RedisBusCore {
    typealias SubscriberID = SubscriptionTable<Subscriber>.SubscriberID

    /// Someone who wants a channel. Waits for the broker's word until `admit` or `fail` is called, once.
    final class Subscriber {
        let receiver: Receiver
        private var id: SubscriberID?
        private var admission: ((Result<SubscriberID, BusError>) -> Void)?

        init(_ receiver: Receiver, _ admission: @escaping (Result<SubscriberID, BusError>) -> Void) {
            self.receiver = receiver
            self.admission = admission
        }

        func named(_ id: SubscriberID) { self.id = id }

        func admit() {
            guard let id = self.id else { return }
            self.admission?(.success(id))
            self.admission = nil
        }

        func fail(_ error: BusError) {
            self.admission?(.failure(error))
            self.admission = nil
        }
    }

    private var table = SubscriptionTable<Subscriber>()
    private var commands: RedisLink?
    private var subscriptions: RedisLink?
    /// Links that are still signing in.
    private var candidates: [LinkRole: RedisLink] = [:]
    private var isClosed = false
    private let deviation: RedisDeviation?
    private let isSharded: Bool
    /// How many links for subscriptions there have been.
    private var subscriberLinks = 0
    /// For a deviation: how often what was published here, and has not come back yet.
    private var own: [[UInt8]: Int] = [:]
    /// For a deviation: what is published later, when somebody listens again.
    private var kept: [RESPCommand] = []
    private var isListening = false

    init(deviation: RedisDeviation? = nil, isSharded: Bool = false) {
        self.deviation = deviation
        self.isSharded = isSharded
    }

    private static let closed = BusError(.closed, "the bus was shut down")
    private static let unavailable = BusError(.unavailable, "there is no link to Redis")
    /// The channel has to be asked for at another node.
    static let elsewhere = BusError(.unavailable, "this node of the cluster does not serve the channel")

    // MARK: Messages

    func publish(_ command: RESPCommand, _ completion: @escaping (Result<Int, BusError>) -> Void) {
        switch self.deviation {
        case .ownEventsOnly:
            self.own[command.encoded, default: 0] += 1
            self.publishInEarnest(command, completion)
        case .publishPretends:
            self.publishInEarnest(command) { completion(.success((try? $0.get()) ?? 1)) }
        case .publishUnconfirmed:
            self.publishInEarnest(command) { _ in }
            completion(.success(1))
        case .publishesReplayed:
            self.publishInEarnest(command) { outcome in
                if case .failure = outcome, self.kept.count < 1000 { self.kept.append(command) }
                completion(outcome)
            }
        default:
            self.publishInEarnest(command, completion)
        }
    }

    private func publishInEarnest(_ command: RESPCommand, _ completion: @escaping (Result<Int, BusError>) -> Void) {
        self.send(command) { reply in
            switch reply {
            case .success(.integer(let receivers)): completion(.success(Int(receivers)))
            case .success(.error(let text)):
                completion(.failure(BusError(.refused, "Redis answered PUBLISH with \(text)")))
            case .success: completion(.failure(BusError(.refused, "Redis answered PUBLISH with no number")))
            case .failure(let error): completion(.failure(error))
            }
        }
    }

    func send(_ command: RESPCommand, _ completion: @escaping RedisLink.Completion) {
        guard !self.isClosed else { return completion(.failure(Self.closed)) }
        guard let link = self.commands else { return completion(.failure(Self.unavailable)) }
        link.send(command, isBounded: true, completion)
    }

    func subscribe(
        to channel: ChannelName, _ receiver: Receiver, _ admission: @escaping (Result<SubscriberID, BusError>) -> Void
    ) {
        guard !self.isClosed else { return admission(.failure(Self.closed)) }
        let subscriber = Subscriber(receiver, admission)
        switch self.table.subscribe(to: channel, subscriber) {
        case .send(let id):
            subscriber.named(id)
            self.sendSubscribe(channel)
        case .wait(let id):
            subscriber.named(id)
        case .joined(let id):
            subscriber.named(id)
            subscriber.admit()
        case .refuse:
            subscriber.fail(Self.unavailable)
        }
    }

    func cancel(_ id: SubscriberID, on channel: ChannelName) {
        guard case .send = self.table.cancel(id, on: channel) else { return }
        guard self.deviation != .unsubscribeForgotten else {
            _ = self.table.unsubscribeConfirmed(channel)
            return
        }
        self.subscriptions?.send(.unsubscribe(from: channel, isSharded: self.isSharded)) { reply in
            guard case .success = reply else { return }
            if case .send = self.table.unsubscribeConfirmed(channel) {
                self.sendSubscribe(channel)
            }
        }
    }

    private func sendSubscribe(_ channel: ChannelName) {
        self.subscriptions?.send(.subscribe(to: channel, isSharded: self.isSharded)) { reply in
            switch reply {
            case .success(.error(let text)) where self.isSharded && Redirection(text) != nil:
                self.refused(channel, Self.elsewhere)
            case .success(.error(let text)):
                self.refused(channel, BusError(.refused, "Redis answered SUBSCRIBE to \(channel) with \(text)"))
            case .success:
                let confirmed = self.table.subscribeConfirmed(channel)
                confirmed.resumed.forEach { $0.receiver.deliver(.resumed) }
                confirmed.admitted.forEach { $0.admit() }
            case .failure:
                // The link is gone; `lost` settles it.
                break
            }
        }
    }

    private func refused(_ channel: ChannelName, _ error: BusError) {
        let refused = self.table.subscribeRefused(channel)
        refused.failed.forEach { $0.fail(error) }
        refused.ended.forEach { $0.receiver.deliver(.ended(error)) }
    }

    /// The node no longer has the slot of the channel.
    private func taken(_ channel: [UInt8]) {
        guard let name = try? ChannelName(utf8: channel) else { return }
        self.table.taken(name).forEach { $0.receiver.deliver(.ended(Self.elsewhere)) }
    }

    private func received(_ message: [UInt8], on channel: [UInt8]) {
        guard let name = try? ChannelName(utf8: channel) else { return }
        if self.deviation == .ownEventsOnly {
            let key = RESPCommand.publish(message, to: name).encoded
            guard let count = self.own[key] else { return }
            self.own[key] = count > 1 ? count - 1 : nil
        }
        let isRepeated = self.deviation == .eventsTwice && self.subscriberLinks > 1
        for subscriber in self.table.audience(of: name) {
            subscriber.receiver.deliver(.message(message))
            if isRepeated { subscriber.receiver.deliver(.message(message)) }
        }
    }

    // MARK: Links

    /// Makes the handler for a new connection.
    ///
    /// - Parameter onLoss: Called when the link is gone, if it was in use.
    func makeLink(
        _ role: LinkRole, _ configuration: RedisBusConfiguration, onLoss: @escaping (BusError) -> Void
    ) throws -> RedisLink {
        let link = try RedisLink(
            role: role, configuration: configuration,
            onMessage: { [weak self] channel, message in self?.received(message, on: channel) },
            onTaken: { [weak self] channel in self?.taken(channel) },
            onClose: { [weak self] reason in
                if self?.lost(role, reason) == true { onLoss(reason) }
            })
        self.candidates[role] = link
        return link
    }

    /// Signs in on the newest link and puts it to use. Subscriptions are confirmed when the completion is called.
    func start(_ role: LinkRole, _ completion: @escaping (Result<Void, BusError>) -> Void) {
        guard let link = self.candidates[role] else { return completion(.failure(Self.unavailable)) }
        guard !self.isClosed else {
            link.close(Self.closed)
            return completion(.failure(Self.closed))
        }
        link.handshake { outcome in
            guard case .success = outcome else { return completion(outcome) }
            self.candidates[role] = nil
            switch role {
            case .command:
                self.commands = link
                completion(.success(()))
                if self.isListening { self.replay() }
            case .subscriber:
                self.subscriptions = link
                self.subscriberLinks += 1
                let channels = self.table.linkUp()
                switch self.deviation {
                case .noResubscribe: break
                case .resubscribesSome: channels.dropFirst().forEach(self.sendSubscribe)
                default: channels.forEach(self.sendSubscribe)
                }
                // Redis answers in order, so this answer comes after every confirmation.
                link.send(.ping) { outcome in
                    if case .success = outcome {
                        self.isListening = true
                        self.replay()
                    }
                    completion(outcome.map { _ in () })
                }
            }
        }
    }

    private func replay() {
        guard let link = self.commands else { return }
        for command in self.kept { link.send(command) { _ in } }
        self.kept = []
    }

    /// Whether the link was in use.
    private func lost(_ role: LinkRole, _ reason: BusError) -> Bool {
        self.candidates[role] = nil
        switch role {
        case .command:
            defer { self.commands = nil }
            return self.commands != nil
        case .subscriber:
            let wasInUse = self.subscriptions != nil
            self.subscriptions = nil
            self.isListening = false
            let lost = self.table.linkLost()
            lost.failed.forEach { $0.fail(reason) }
            lost.interrupted.forEach { $0.receiver.deliver(.interrupted) }
            return wasInUse
        }
    }

    /// Ends every subscription and closes both links.
    func shutdown() {
        guard !self.isClosed else { return }
        self.isClosed = true
        let closed = self.table.close()
        closed.failed.forEach { $0.fail(Self.closed) }
        closed.ended.forEach { $0.receiver.deliver(.ended(Self.closed)) }
        for link in [self.commands, self.subscriptions] + Array(self.candidates.values) {
            link?.close(Self.closed)
        }
    }
}
