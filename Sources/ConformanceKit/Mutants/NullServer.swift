import NIOCore
import NIOPosix

/// A server that is none: it answers without doing anything, and so must pass nothing.
package final class NullServer: Sendable {
    /// What it does with a WebSocket.
    package enum Kind: String, Sendable, CaseIterable {
        /// Accepts the upgrade and never says a word.
        case mute
        /// Sends back every message.
        case echo
        /// Closes every connection with 4409 as soon as it is open.
        case close4409 = "close-4409"
        /// Acknowledges every init, answers every ping and delivers nothing.
        case ack
        /// Acknowledges every init, answers every ping, and sends whatever anybody says to everybody.
        case broadcast
        /// Answers every request with 200 and knows no WebSocket.
        case http
    }

    /// What it does.
    package let kind: Kind
    /// The port on 127.0.0.1.
    package let port: Int
    private let channel: any Channel

    /// Starts listening; port 0 chooses a free one.
    package init(_ kind: Kind, port: Int = 0) async throws(HarnessError) {
        self.kind = kind
        let room = NullServerRoom()
        do {
            self.channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelOption(.backlog, value: 1024)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(NullServerHandler(kind, room: room))
                    }
                }
                .bind(host: "127.0.0.1", port: port).get()
        } catch {
            throw HarnessError("The null server cannot listen on port \(port): \(error).")
        }
        self.port = self.channel.localAddress?.port ?? port
    }

    /// Stops listening; open connections end with their clients.
    package func stop() async {
        try? await self.channel.close()
    }

    /// Returns when the server no longer listens.
    package func waitUntilStopped() async {
        try? await self.channel.closeFuture.get()
    }
}
