import Logging
import PubSub
import ServiceLifecycle
import SubscriptionServer

/// Keeps this process's book of revocations up to date.
///
/// It listens first and reads then, so that nothing falls in between; and it reads again whenever the bus has been
/// away, since what was told meanwhile is lost.
struct RevocationService<Time: Clock>: Service where Time.Duration == Duration {
    let register: RevocationRegister
    let book: RevocationBook
    let clock: Time
    let logger: Logger
    /// Whether the book is read again after the bus was away. No server may do without.
    var rereads = true

    /// Between two tries.
    private static var pause: Duration { .milliseconds(250) }

    /// Returns on a graceful shutdown, or when it is cancelled.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            var hasComplained = false
            while !Task.isCancelled {
                do throws(BusError) {
                    try await self.follow { hasComplained = false }
                } catch {
                    if !hasComplained {
                        self.logger.record(.revocationsUnreadable(error: "\(error)"))
                        hasComplained = true
                    }
                }
                try? await self.clock.sleep(for: Self.pause)
            }
        }
    }

    /// Listens and reads until the subscription ends.
    private func follow(_ read: () -> Void) async throws(BusError) {
        // One item is enough: reading once makes up for any number of interruptions.
        let (turns, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let subscription = try await self.register.bus.subscribe(to: self.register.channel) { [book, rereads] event in
            switch event {
            case .message(let message):
                guard let notice = RevocationNotice(message) else { return }
                if notice.isRevoked {
                    book.revoke(notice.revocation)
                } else {
                    book.reinstate(notice.revocation)
                }
            case .interrupted: break
            case .resumed: if rereads { continuation.yield() }
            case .ended: continuation.finish()
            }
        }
        defer { subscription.cancel() }
        continuation.yield()
        for await _ in turns {
            self.book.beginReading()
            self.book.finishReading(try await self.register.read())
            read()
        }
    }
}
