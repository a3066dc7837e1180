import NIOCore

/// The body of the answer that is the stream of a reservation. Bound to the event loop of its connection, which may be
/// another than that of the reservation.
final class ReservedEventStream: HTTPBodyProducer {
    /// The stream for its reservation, from any thread; bytes come in the order in which they were given.
    struct Handle: Sendable {
        fileprivate let eventLoop: any EventLoop
        fileprivate let stream: NIOLoopBound<ReservedEventStream>

        func write(_ pieces: [ByteBuffer]) {
            self.onLoop { stream in
                for piece in pieces {
                    stream.writer.write(piece)
                }
                stream.writer.flush()
            }
        }

        func end() {
            self.onLoop { $0.end() }
        }

        private func onLoop(_ action: @escaping @Sendable (ReservedEventStream) -> Void) {
            if self.eventLoop.inEventLoop {
                action(self.stream.value)
            } else {
                self.eventLoop.execute { action(self.stream.value) }
            }
        }
    }

    private let writer: EventStreamWriter
    private let server: HTTPOperations
    private let reservation: Reservations.Entry
    private var isOpen = true

    init(_ body: HTTPBodyWriter, of reservation: Reservations.Entry, server: HTTPOperations) {
        self.reservation = reservation
        self.server = server
        self.writer = EventStreamWriter(body, keepAlive: server.configuration.timeouts.keepAlive)
        server.metrics.streams.add()
        server.metrics.streamsTotal.add("single")
        let handle = Handle(
            eventLoop: body.eventLoop, stream: NIOLoopBound(self, eventLoop: body.eventLoop))
        reservation.execute { $0.connect(handle) }
    }

    func disconnected() {
        self.writer.stop()
        self.closed()
        self.reservation.execute { $0.ended() }
    }

    func blocked(_ isBlocked: Bool) {
        self.reservation.execute { $0.blocked(isBlocked) }
    }

    func goAway() {
        self.reservation.execute { $0.end(.goingAway) }
    }

    private func end() {
        guard self.isOpen else { return }
        self.closed()
        self.writer.end()
    }

    private func closed() {
        guard self.isOpen else { return }
        self.isOpen = false
        self.server.metrics.streams.add(-1)
    }
}
