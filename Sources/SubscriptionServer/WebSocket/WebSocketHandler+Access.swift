import GraphQLCore
import NIOCore
import SubscriptionProtocols

// The socket as one of the connections that expiry, revocation, an administrator or a limit can end.
extension WebSocketHandler {
    /// The client is admitted: others can end the socket from here on.
    func enlist(_ principal: Principal, as transport: LiveConnection.Transport) {
        guard let eventLoop = self.context?.eventLoop else { return }
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let live = LiveConnection(
            principal: principal, transport: transport, peer: self.handshake.peer, trace: self.trace
        ) { end in
            // Never at once: the acknowledgement goes out first.
            eventLoop.execute {
                bound.value.close(end)
                bound.value.flush()
            }
        }
        self.live = live
        self.server.live.add(live)
    }

    /// The socket ends.
    func delist() {
        guard let live = self.live else { return }
        self.live = nil
        self.server.live.remove(live)
    }

    /// Somebody ends the socket.
    private func close(_ end: ConnectionEnd) {
        if end.failsOperations, let error = end.error {
            self.speaker?.failOperations(OperationPayload.errors([error]))
        }
        let isHidden = self.server.misbehaviour == .expiryClosesNormally && end.close == .tokenExpired
        self.close(isHidden ? Close(.normal, "") : end.close)
    }

    /// Whether the token has ended, for a server that asks only when it has something to send.
    var isOverdue: Bool {
        guard self.server.misbehaviour == .expiryAtNextEvent, let expiry = self.live?.principal.expiry else {
            return false
        }
        return expiry <= self.server.now()
    }
}
