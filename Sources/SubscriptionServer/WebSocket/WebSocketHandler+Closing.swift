import Logging
import NIOCore
import SubscriptionProtocols

extension WebSocketHandler {
    /// Closes the socket; `flush` writes the close frame. Only the first close counts.
    /// - Parameter endsAtOnce: whether the client's bytes are of no use any more, so that no echo is awaited.
    func close(_ close: Close, endsAtOnce: Bool = false) {
        guard self.stage == .open else { return }
        self.endSpeaking(.closing(close))
        // The speaker may have closed as well, or a full connection was cut.
        guard self.stage == .open else { return }
        let (code, reason) = self.deviation?.rewritten(close) ?? (close.code.rawValue, close.reason.text)
        self.server.metrics.closed(close)
        self.server.logger.record(.socketClosed(code: Int(code), reason: reason, byServer: true))
        self.outgoing.appendClose(code, reason)
        self.reader.isDiscarding = true
        self.stage = .closeSent
        if let message = self.deviation?.messageAfterClose {
            self.outgoing.appendText(message)
        }
        if endsAtOnce {
            self.end()
        } else if self.deviation?.awaitsEchoForEver != true {
            self.schedule(self.server.configuration.timeouts.closeEcho) { $0.cut("No close frame in answer") }
        }
    }

    /// The client's close frame: the echo of the server's, or the beginning of the end (RFC 6455 §5.5.1).
    func peerClosed(_ status: UInt16?) {
        if self.stage == .open {
            self.server.logger.record(.socketClosed(code: status.map(Int.init), reason: "", byServer: false))
            self.endSpeaking(.closedByClient)
            if self.deviation?.echoesClose != false {
                self.outgoing.appendClose(self.deviation.map { $0.echo(status) } ?? status)
            }
        }
        self.end()
    }

    /// Ends the server's side of TCP. What the client still sends is read and thrown away until it ends its side:
    /// closing a socket with unread bytes would reset it, and the client could lose the close frame.
    func end() {
        guard self.stage != .ending, self.stage != .gone, let context = self.context else { return }
        self.stage = .ending
        self.flush()
        self.deadline?.cancel()
        guard self.deviation?.keepsTCP != true else { return }
        self.schedule(self.server.configuration.timeouts.linger) { handler in
            handler.context?.close(promise: nil)
        }
        if self.hasInputEnded {
            context.close(promise: nil)
        } else {
            context.close(mode: .output, promise: nil)
        }
    }

    /// Ends the connection without a word.
    func cut(_ reason: String) {
        guard self.stage != .gone else { return }
        self.server.metrics.cuts.add(reason)
        self.server.logger.record(.socketCut(reason: reason))
        self.drop()
    }

    /// Ends TCP at once.
    func drop() {
        let context = self.context
        self.disconnected()
        context?.close(promise: nil)
    }

    /// TCP is gone, or of no use.
    func disconnected() {
        guard self.stage != .gone else { return }
        let wasOpen = self.stage == .open
        self.stage = .gone
        self.report()
        self.endSpeaking(.dropped)
        self.deadline?.cancel()
        self.deadline = nil
        self.pressure?.stop()
        if !self.keepsPlaces {
            self.place.release()
        }
        if self.server.misbehaviour != .gaugesKeptOnDrop || !wasOpen {
            self.server.metrics.sockets.add(-1)
        }
    }

    /// Tells the speaker that it is over, once.
    private func endSpeaking(_ end: SocketEnd) {
        self.delist()
        self.endKeepAlive()
        if self.speaker != nil {
            let wasAdmitted = self.identity != nil
            self.keepsPlaces = self.server.misbehaviour?.keepsPlaces(at: end, wasAdmitted: wasAdmitted) ?? false
        }
        if self.keepsPlaces {
            self.server.limiter.deviation?.keep([self.place, self.membership])
        } else {
            self.membership.release()
        }
        self.meter.leave()
        guard let speaker = self.speaker else { return }
        self.speaker = nil
        speaker.ended(end)
    }

    /// Sets the timer of the closing handshake, in place of the one before.
    private func schedule(_ delay: TimeAmount, _ action: @escaping (WebSocketHandler) -> Void) {
        self.deadline?.cancel()
        self.deadline = self.context?.eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
            guard let self else { return }
            self.deadline = nil
            action(self)
        }
    }
}
