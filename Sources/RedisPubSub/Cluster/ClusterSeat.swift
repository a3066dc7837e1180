import PubSub

/// One subscriber of a cluster's bus, for the event loop of the bus only.
final class ClusterSeat {
    /// A subscription at one node.
    final class Placement {
        let node: RedisEndpoint
        /// Turned off when the seat leaves the node, so that nothing is heard from there any more.
        let receiver: Receiver
        /// nil until the node has confirmed.
        var id: RedisBusCore.SubscriberID?

        init(at node: RedisEndpoint, _ receiver: Receiver) {
            self.node = node
            self.receiver = receiver
        }
    }

    let channel: ChannelName
    let slot: Int
    /// Whoever subscribed.
    let receiver: Receiver
    private var admission: ((Result<Void, BusError>) -> Void)?
    /// Where it is subscribed, or about to be; nil while it waits for a node.
    var placement: Placement?
    /// Whether a newcomer whose node has gone elsewhere waits for the next.
    var isPatient: Bool?
    private var isInterrupted = false

    /// - Parameter admission: Called once, when a node has confirmed or the subscription has failed.
    init(_ channel: ChannelName, _ receiver: Receiver, _ admission: @escaping (Result<Void, BusError>) -> Void) {
        self.channel = channel
        self.slot = KeySlot.of(channel.utf8)
        self.receiver = receiver
        self.admission = admission
    }

    var isAdmitted: Bool { self.admission == nil }

    /// A node has confirmed it, the first or the next.
    func confirmed() {
        guard let admission = self.admission else { return self.resume() }
        self.admission = nil
        admission(.success(()))
    }

    /// It is over.
    func end(_ error: BusError) {
        guard let admission = self.admission else { return self.receiver.deliver(.ended(error)) }
        self.admission = nil
        admission(.failure(error))
    }

    /// Says so once for each gap, to those who were admitted.
    func interrupt() {
        guard self.isAdmitted, !self.isInterrupted else { return }
        self.isInterrupted = true
        self.receiver.deliver(.interrupted)
    }

    func resume() {
        guard self.isInterrupted else { return }
        self.isInterrupted = false
        self.receiver.deliver(.resumed)
    }
}
