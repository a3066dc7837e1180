import NIOCore
import NIOSSL
import NIOTLS
import PubSub

/// Stands behind the TLS handler until its handshake is done, and says how it went.
///
/// A handshake that fails or takes too long closes the channel.
final class HandshakeWait: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let endpoint: RedisEndpoint
    private let limit: Duration
    private let promise: EventLoopPromise<Void>
    private var deadline: Scheduled<Void>?

    /// - Parameters:
    ///   - limit: How long the handshake may take once the channel is active.
    ///   - promise: Succeeds when the handshake is done, and fails with a `BusError`.
    init(with endpoint: RedisEndpoint, limit: Duration, promise: EventLoopPromise<Void>) {
        self.endpoint = endpoint
        self.limit = limit
        self.promise = promise
    }

    func channelActive(context: ChannelHandlerContext) {
        self.deadline = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(self.limit)) {
            self.promise.fail(
                BusError(.timedOut, "Redis at \(self.endpoint) did not finish the TLS handshake within \(self.limit)"))
            context.close(promise: nil)
        }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        context.fireUserInboundEventTriggered(event)
        guard case TLSUserEvent.handshakeCompleted? = event as? TLSUserEvent else { return }
        self.promise.succeed()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.promise.fail(BusError(.unavailable, "Redis at \(self.endpoint): \(Self.sentence(on: error))"))
        context.close(promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.deadline?.cancel()
        // Of no effect if the handshake is done or has failed.
        self.promise.fail(BusError(.unavailable, "Redis at \(self.endpoint) closed the link during the TLS handshake"))
    }

    private static func sentence(on error: any Error) -> String {
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            return "its certificate is for another host"
        }
        guard case NIOSSLError.handshakeFailed(let reason)? = error as? NIOSSLError else {
            return "the TLS handshake failed: \(error)"
        }
        let details = "\(reason)"
        if details.contains("CERTIFICATE_VERIFY_FAILED") {
            return "its certificate is not one that the authorities vouch for"
        }
        if details.contains("WRONG_VERSION_NUMBER") {
            return "it does not speak TLS there"
        }
        return "the TLS handshake failed: \(details)"
    }
}
