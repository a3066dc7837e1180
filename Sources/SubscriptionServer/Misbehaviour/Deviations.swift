import NIOCore
import SubscriptionProtocols
import Synchronization

/// The one way in which a server misbehaves, and what its sockets share in order to.
final class Deviations: Sendable {
    private struct State {
        var isInitialised = false
        var sockets: [ObjectIdentifier: NIOLoopBound<TransportWSSpeaker>] = [:]
    }

    let misbehaviour: Misbehaviour
    private let state = Mutex(State())

    init(_ misbehaviour: Misbehaviour) {
        self.misbehaviour = misbehaviour
    }

    /// Sets the flag that all sockets have in common. Returns whether it was set before.
    func initialise() -> Bool {
        self.state.withLock { state in
            defer { state.isInitialised = true }
            return state.isInitialised
        }
    }

    func add(_ socket: TransportWSSpeaker, on eventLoop: any EventLoop) {
        let bound = NIOLoopBound(socket, eventLoop: eventLoop)
        self.state.withLock { $0.sockets[ObjectIdentifier(socket)] = bound }
    }

    func remove(_ socket: TransportWSSpeaker) {
        self.state.withLock { $0.sockets[ObjectIdentifier(socket)] = nil }
    }

    /// Does something with every socket but one, each on its event loop.
    func forAll(but socket: TransportWSSpeaker, _ action: @escaping @Sendable (TransportWSSpeaker) -> Void) {
        let sockets = self.state.withLock { $0.sockets }
        for (key, other) in sockets where key != ObjectIdentifier(socket) {
            other.eventLoop.execute { action(other.value) }
        }
    }
}

extension Misbehaviour {
    /// The rules of framing that it overlooks.
    var lenience: FrameLenience {
        switch self {
        case .unmaskedAccepted: .unmasked
        case .reservedBitsAccepted: .reservedBits
        case .invalidUTF8Accepted: .invalidUTF8
        default: []
        }
    }
}
