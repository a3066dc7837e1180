package import PubSub

/// Redis as a message bus and as a store of state, whichever way it is reached.
package protocol RedisBroker: MessageBus, KeyValueStore {
    /// Connects, keeps connected, and returns after `shutdown()` or once the task is cancelled. To be called once; a
    /// second call throws `closed`.
    func run() async throws(BusError)

    /// Ends every subscription with `ended`, refuses what comes after with `closed`, and lets `run()` return. Later
    /// calls do nothing.
    func shutdown()

    /// What is known of the links, by what they are for: whether they are up, all of them, and how often one was lost
    /// while it was in use.
    var linkFacts: [(name: String, isUp: Bool, losses: Int)] { get }
}

extension RedisBus: RedisBroker {}
