import GraphQLCore
import NIOCore
import Synchronization

/// The name of a reservation, which nobody can guess: whoever has it may open the stream and start operations on it.
struct StreamToken: Sendable, Hashable {
    let text: String

    /// 256 bits from the system's source of randomness, in hexadecimal.
    static func random() -> StreamToken {
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef")
        var text = ""
        for _ in 0..<4 {
            let bits = generator.next()
            for shift in stride(from: 60, through: 0, by: -4) {
                text.append(digits[Int(bits >> UInt64(shift) & 0xF)])
            }
        }
        return StreamToken(text: text)
    }
}

/// The reservations of a server, by their tokens.
final class Reservations: Sendable {
    /// One reservation, from any thread.
    struct Entry: Sendable {
        let principal: Principal
        private let eventLoop: any EventLoop
        private let reservation: NIOLoopBound<Reservation>

        fileprivate init(_ reservation: Reservation, principal: Principal, on eventLoop: any EventLoop) {
            self.principal = principal
            self.eventLoop = eventLoop
            self.reservation = NIOLoopBound(reservation, eventLoop: eventLoop)
        }

        /// Does something on the event loop of the reservation, later and in order.
        func execute(_ action: @escaping @Sendable (Reservation) -> Void) {
            self.eventLoop.execute { action(self.reservation.value) }
        }

        /// Does something on the event loop of the reservation, and returns what came out.
        func ask<Answer: Sendable>(_ question: @escaping @Sendable (Reservation) -> Answer) async throws -> Answer {
            try await self.eventLoop.submit { question(self.reservation.value) }.get()
        }
    }

    private let entries = Mutex<[StreamToken: Entry]>([:])

    /// How many there are.
    var count: Int { self.entries.withLock { $0.count } }

    /// Makes a reservation, unless there are too many. Must be called on the event loop.
    /// - Returns: its token.
    func reserve(
        for principal: Principal, peer: String?, trace: TraceContext?, place: StreamPlace, server: HTTPOperations,
        on eventLoop: any EventLoop
    ) -> StreamToken? {
        guard self.count < server.configuration.eventStreams.reservations else { return nil }
        let token = StreamToken.random()
        let reservation = Reservation(
            token, principal: principal, peer: peer, trace: trace, place: place, server: server, on: eventLoop)
        let entry = Entry(reservation, principal: principal, on: eventLoop)
        self.entries.withLock { $0[token] = entry }
        return token
    }

    /// The reservation with that token, if it is the principal's own: others are told that there is none.
    func find(_ token: String, for principal: Principal) -> Entry? {
        guard let entry = self.entries.withLock({ $0[StreamToken(text: token)] }) else { return nil }
        // A client may renew its access token while its stream is open.
        guard entry.principal.tenant == principal.tenant, entry.principal.user == principal.user else { return nil }
        return entry
    }

    func remove(_ token: StreamToken) {
        self.entries.withLock { $0[token] = nil }
    }
}
