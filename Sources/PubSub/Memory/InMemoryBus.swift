import Synchronization

/// A bus inside the process: no broker, never interrupted.
///
/// A message goes to those who were subscribed when it was published. Whoever publishes delivers; while one publisher
/// delivers on a channel, others leave their messages in the channel's queue for it, so that a channel keeps its order
/// and no receiver runs twice at a time. A receiver may publish on its own channel: that message follows the current
/// one.
package final class InMemoryBus: MessageBus {
    private struct Channel {
        var receivers: [(id: UInt64, receiver: Receiver)] = []
        var queue: [Delivery] = []
        var isDelivering = false
    }

    private struct Delivery {
        let event: BusEvent
        let receivers: [(id: UInt64, receiver: Receiver)]
    }

    private struct State {
        var channels: [ChannelName: Channel] = [:]
        var nextID: UInt64 = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let maximumQueuedMessages: Int

    /// - Parameter maximumQueuedMessages: How many messages may wait on a channel behind the one being delivered. One
    ///   more is refused with `overloaded` and reaches nobody; nothing accepted is ever dropped.
    package init(maximumQueuedMessages: Int = 1024) {
        self.maximumQueuedMessages = maximumQueuedMessages
    }

    package var status: BusStatus {
        self.state.withLock { $0.isClosed ? .closed : .connected }
    }

    package func whenConnected(_ body: @escaping @Sendable () -> Void) -> BusSubscription {
        body()
        return BusSubscription {}
    }

    /// How many subscribers the channel has now.
    package func subscriberCount(of channel: ChannelName) -> Int {
        self.state.withLock { $0.channels[channel]?.receivers.count ?? 0 }
    }

    /// How many channels have a subscriber now.
    package var channelCount: Int {
        self.state.withLock { state in state.channels.values.count { !$0.receivers.isEmpty } }
    }

    package func subscribe(
        to channel: ChannelName,
        _ receive: @escaping @Sendable (BusEvent) -> Void
    ) async throws(BusError) -> BusSubscription {
        let receiver = Receiver(receive)
        let id: UInt64? = self.state.withLock { state in
            guard !state.isClosed else { return nil }
            state.nextID += 1
            state.channels[channel, default: Channel()].receivers.append((state.nextID, receiver))
            return state.nextID
        }
        guard let id else { throw Self.closed }
        return BusSubscription { [weak self] in
            receiver.turnOff()
            self?.remove(id, from: channel)
        }
    }

    package func publish(_ message: [UInt8], to channel: ChannelName) async throws(BusError) -> Int {
        try self.publishNow(message, to: channel)
    }

    /// The same without a suspension: every receiver that is not busy has had the message when this returns.
    package func publishNow(_ message: [UInt8], to channel: ChannelName) throws(BusError) -> Int {
        try self.enqueue(message, to: channel)
    }

    /// Ends every subscription with `BusEvent.ended` and refuses what comes after. Later calls do nothing.
    package func shutdown() {
        let channels = self.state.withLock { state -> [ChannelName] in
            guard !state.isClosed else { return [] }
            state.isClosed = true
            for (name, channel) in state.channels where !channel.receivers.isEmpty {
                let last = Delivery(event: .ended(Self.closed), receivers: channel.receivers)
                state.channels[name]?.queue.append(last)
                state.channels[name]?.receivers = []
            }
            return Array(state.channels.keys)
        }
        for channel in channels {
            self.deliver(on: channel)
        }
    }

    private static let closed = BusError(.closed, "the bus was shut down")

    private func enqueue(_ message: [UInt8], to channel: ChannelName) throws(BusError) -> Int {
        let outcome = self.state.withLock { state -> Result<Int, BusError> in
            guard !state.isClosed else { return .failure(Self.closed) }
            guard let receivers = state.channels[channel]?.receivers, !receivers.isEmpty else { return .success(0) }
            guard state.channels[channel, default: Channel()].queue.count < self.maximumQueuedMessages else {
                return .failure(
                    BusError(.overloaded, "\(self.maximumQueuedMessages) messages wait on channel \(channel) already"))
            }
            state.channels[channel]?.queue.append(Delivery(event: .message(message), receivers: receivers))
            return .success(receivers.count)
        }
        let count = try outcome.get()
        if count > 0 {
            self.deliver(on: channel)
        }
        return count
    }

    /// Delivers until the queue of the channel is empty, unless someone is doing so already.
    private func deliver(on channel: ChannelName) {
        var isMine = false
        while true {
            let batch = self.state.withLock { state -> [Delivery] in
                guard var current = state.channels.removeValue(forKey: channel) else { return [] }
                if current.isDelivering && !isMine {
                    state.channels[channel] = current
                    return []
                }
                let batch = current.queue
                current.queue = []
                current.isDelivering = !batch.isEmpty
                isMine = current.isDelivering
                if current.isDelivering || !current.receivers.isEmpty {
                    state.channels[channel] = current
                }
                return batch
            }
            guard !batch.isEmpty else { return }
            for delivery in batch {
                for (_, receiver) in delivery.receivers {
                    receiver.deliver(delivery.event)
                }
            }
        }
    }

    private func remove(_ id: UInt64, from channel: ChannelName) {
        self.state.withLock { state in
            guard var current = state.channels.removeValue(forKey: channel) else { return }
            current.receivers.removeAll { $0.id == id }
            if !current.receivers.isEmpty || current.isDelivering || !current.queue.isEmpty {
                state.channels[channel] = current
            }
        }
    }
}
