import NIOCore
import SubscriptionProtocols

// How the frames of a misbehaving server are misread.
extension WebSocketHandler {
    /// Whether operations run on the socket.
    private var isBusy: Bool {
        ((self.speaker as? TransportWSSpeaker)?.session.openOperations ?? 0) > 0
    }

    /// Reads bytes as they are misread.
    func misread(_ bytes: ByteBuffer) {
        for outcome in self.incoming?.take(bytes, isBusy: self.isBusy) ?? [] {
            switch outcome {
            case .bytes(let bytes): self.read(bytes)
            case .close(let close):
                if self.stage == .open {
                    self.close(close, endsAtOnce: true)
                } else {
                    self.end()
                }
            }
        }
        self.awaitIdleness()
    }

    /// Reads what waits once no operation runs any more.
    private func awaitIdleness() {
        guard self.incoming?.isHolding == true, self.stage == .open, let context = self.context else { return }
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(20)) { [weak self] in
            guard let self, self.stage == .open else { return }
            guard self.isBusy else {
                if let bytes = self.incoming?.release() {
                    self.read(bytes)
                    self.flush()
                }
                return
            }
            self.awaitIdleness()
        }
    }
}
