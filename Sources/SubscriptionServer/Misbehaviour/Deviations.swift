import NIOCore
import SubscriptionProtocols
import Synchronization

/// The one way in which a server misbehaves, and what its sockets share in order to.
final class Deviations: Sendable {
    private struct State {
        var isInitialised = false
        /// The ids in use, by socket; only where sockets want to know.
        var ids: [ObjectIdentifier: Set<OperationID>] = [:]
        /// How many sockets have come and gone.
        var gone = 0
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
        self.state.withLock { state in
            state.sockets[ObjectIdentifier(socket)] = nil
            state.ids[ObjectIdentifier(socket)] = nil
            state.gone += 1
        }
    }

    /// Which ids are in use on a socket.
    func note(_ ids: Set<OperationID>, of socket: ObjectIdentifier) {
        self.state.withLock { $0.ids[socket] = ids }
    }

    /// Another socket on which the id is in use.
    func holder(of id: OperationID, but socket: TransportWSSpeaker) -> NIOLoopBound<TransportWSSpeaker>? {
        self.state.withLock { state in
            let holder = state.ids.first { $0.key != ObjectIdentifier(socket) && $0.value.contains(id) }
            return holder.flatMap { state.sockets[$0.key] }
        }
    }

    /// Whether a server that never gives places back has none left.
    var isFull: Bool {
        self.misbehaviour == .connectionSlotsLost && self.state.withLock { $0.gone } >= 100
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
