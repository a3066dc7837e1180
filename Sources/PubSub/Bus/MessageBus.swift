/// A broker of messages on named channels: at most once, in order for each channel and publisher, nothing kept.
package protocol MessageBus: Sendable {
    /// Subscribes to a channel, and returns once the broker has confirmed it: what is published after that arrives.
    ///
    /// - Parameter receive: Called with one event at a time and in order, on a thread of the bus. It must not block and
    ///   should return soon, since other subscribers wait for it. It may cancel subscriptions, its own included.
    ///   Events can come before this method has returned.
    /// - Throws: `unavailable` when the broker cannot be reached now, `timedOut` or `refused` when it does not confirm,
    ///   `closed` after shutdown.
    func subscribe(
        to channel: ChannelName,
        _ receive: @escaping @Sendable (BusEvent) -> Void
    ) async throws(BusError) -> BusSubscription

    /// Publishes a message.
    ///
    /// - Returns: How many subscribers the broker has handed it to. A broker counts links, not receivers: the
    ///   subscribers of one process may count as one.
    /// - Throws: `unavailable`, `timedOut`, `overloaded`, `refused` or `closed`.
    func publish(_ message: [UInt8], to channel: ChannelName) async throws(BusError) -> Int

    /// Whether the bus can be used now.
    var status: BusStatus { get }

    /// Calls the body once, when the bus can be used: before this returns if it can now, else as soon as it can, on a
    /// thread of the bus. After shutdown it is called as well, so that nobody waits for ever. It must not block.
    ///
    /// - Returns: What takes the wish back.
    func whenConnected(_ body: @escaping @Sendable () -> Void) -> BusSubscription
}
