import NIOCore
import PubSub
import Synchronization

/// Asks Sentinels where the primary is, one after another until one knows.
final class SentinelGuide: Sendable {
    /// What a Sentinel said.
    struct Answer: Sendable {
        let primary: RedisEndpoint
        let sentinel: RedisEndpoint
    }

    private let service: String
    private let dialer: RedisDialer
    /// How long a Sentinel may take to answer once it is connected.
    private let limit: Duration
    /// Whom to ask first, and so on.
    private let order: Mutex<[RedisEndpoint]>

    init(_ group: SentinelGroup, _ dialer: RedisDialer, limit: Duration) {
        self.service = group.service
        self.dialer = dialer
        self.limit = limit
        self.order = Mutex(group.endpoints)
    }

    /// Asks in turn. The one that answers is the first to be asked next time.
    ///
    /// - Throws: `BusError` when none knows; `CancellationError`.
    func primary(on eventLoop: any EventLoop) async throws -> Answer {
        var reasons: [String] = []
        for sentinel in self.order.withLock({ $0 }) {
            try Task.checkCancellation()
            do {
                let primary = try await self.ask(sentinel, on: eventLoop)
                self.order.withLock { order in
                    order.removeAll { $0 == sentinel }
                    order.insert(sentinel, at: 0)
                }
                return Answer(primary: primary, sentinel: sentinel)
            } catch {
                reasons.append("\(sentinel) \((error as? BusError)?.message ?? "cannot be reached")")
            }
        }
        throw BusError(
            .unavailable, "no Sentinel said where \(self.service) is: \(reasons.joined(separator: ", "))")
    }

    /// What this one said led nowhere: it may be cut off from the others, so it is the last to be asked next time.
    func distrust(_ sentinel: RedisEndpoint) {
        self.order.withLock { order in
            order.removeAll { $0 == sentinel }
            order.append(sentinel)
        }
    }

    private func ask(_ sentinel: RedisEndpoint, on eventLoop: any EventLoop) async throws -> RedisEndpoint {
        let command = RESPCommand("SENTINEL", "get-master-addr-by-name", self.service)
        let limit = self.limit
        let promise = eventLoop.makePromise(of: RESPReply.self)
        do {
            let channel = try await self.dialer.connect(to: sentinel, on: eventLoop) {
                try SingleQuestion(command, limit: limit, promise: promise)
            }
            let reply = try await withTaskCancellationHandler {
                try await promise.futureResult.get()
            } onCancel: {
                channel.close(promise: nil)
            }
            return try self.endpoint(in: reply)
        } catch {
            promise.fail(error)
            throw error
        }
    }

    private func endpoint(in reply: RESPReply) throws(BusError) -> RedisEndpoint {
        switch reply {
        case .null:
            throw BusError(.unavailable, "does not know it")
        case .error(let text):
            throw BusError(.refused, "answered with \(text)")
        case .array(let parts):
            let texts = parts.compactMap { $0.asBytes.map { String(decoding: $0, as: UTF8.self) } }
            guard texts.count == 2, !texts[0].isEmpty, let port = Int(texts[1]), (1...65535).contains(port) else {
                throw BusError(.refused, "answered with no address")
            }
            return RedisEndpoint(host: texts[0], port: port)
        default:
            throw BusError(.refused, "answered with no address")
        }
    }
}
