import NIOCore
import NIOPosix

/// Proxies before the endpoints of a server, on which every byte takes longer in each direction: clients that are far away.
package struct SlowLinks: Sendable {
    private struct Door: Hashable {
        var host: String
        var port: Int
    }

    /// Nanoseconds that every byte waits in each direction.
    private let latency: UInt64
    private let group: any EventLoopGroup
    private var proxies: [Door: FaultProxy] = [:]

    /// On a thread of their own: cases that keep the runner busy must not slow them down further.
    package init(latency: UInt64) {
        self.latency = latency
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    }

    /// The way to an endpoint over a slow link.
    ///
    /// - Throws: If it speaks TLS: its certificate would be looked at under the name of this host.
    package mutating func lead(to endpoint: Target.Endpoint) async throws(HarnessError) -> Target.Endpoint {
        guard !endpoint.isSecure else {
            throw HarnessError("No latency can be added to \(endpoint.httpURL): it speaks TLS.")
        }
        let door = Door(host: endpoint.host, port: endpoint.port)
        let proxy: FaultProxy
        if let known = self.proxies[door] {
            proxy = known
        } else {
            do {
                proxy = try await FaultProxy.start(host: door.host, port: door.port, group: self.group)
            } catch {
                throw HarnessError("No way with latency could be made to \(endpoint.httpURL): \(error)")
            }
            self.proxies[door] = proxy
            await proxy.set(.clear.with(.both) { $0.latency = self.latency })
        }
        var slow = endpoint
        slow.host = "127.0.0.1"
        slow.port = proxy.port
        return slow
    }

    /// Ends every link.
    package func stop() async {
        for proxy in self.proxies.values { await proxy.stop() }
    }
}
