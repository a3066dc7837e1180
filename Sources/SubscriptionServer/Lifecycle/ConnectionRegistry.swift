import NIOCore
import Synchronization

/// Every open connection of a server, so that a shutdown can wait for the last and cut the rest.
final class ConnectionRegistry: Sendable {
    private struct State {
        var channels: [ObjectIdentifier: any Channel] = [:]
        /// Present once somebody waits for the last connection to go.
        var drained: EventLoopPromise<Void>?
    }

    private let state = Mutex(State())
    private let trimmer = MemoryTrimmer()

    /// The number of open connections.
    var count: Int { self.state.withLock { $0.channels.count } }

    /// Adds a connection until it closes.
    /// - Parameter counter: counts it as well.
    func add(_ channel: any Channel, counting counter: Counter = Counter()) {
        let key = ObjectIdentifier(channel)
        let open = self.state.withLock { state in
            state.channels[key] = channel
            return state.channels.count
        }
        let eventLoop = channel.eventLoop
        self.trimmer.changed(open: open, on: eventLoop)
        counter.add()
        channel.closeFuture.whenComplete { [self] _ in
            counter.add(-1)
            let (drained, open) = self.state.withLock { state -> (EventLoopPromise<Void>?, Int) in
                state.channels[key] = nil
                guard state.channels.isEmpty else { return (nil, state.channels.count) }
                // Removing keeps the storage of the busiest moment.
                state.channels = [:]
                defer { state.drained = nil }
                return (state.drained, 0)
            }
            drained?.succeed()
            self.trimmer.changed(open: open, on: eventLoop)
        }
    }

    /// Completes when no connection is open.
    func drained(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = self.state.withLock { state in
            let promise = state.drained ?? eventLoop.makePromise(of: Void.self)
            state.drained = state.channels.isEmpty ? nil : promise
            return (promise, state.channels.isEmpty)
        }
        if promise.1 {
            promise.0.succeed()
        }
        return promise.0.futureResult
    }

    /// Tells every connection to end by itself.
    func quiesce() {
        for channel in self.channels {
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }

    /// Ends every connection at once. Returns how many.
    func cut() -> Int {
        let channels = self.channels
        for channel in channels {
            channel.close(promise: nil)
        }
        return channels.count
    }

    private var channels: [any Channel] {
        self.state.withLock { Array($0.channels.values) }
    }
}
