/// What a run can do to the things around the server; whoever started them fills it in. A part that is nil cannot be
/// made to fail: a case that needs it is inconclusive, and unsupported where nothing of the kind was ever in reach.
package struct RunControl: Sendable {
    /// A process that the run started, or a container.
    package struct Process: Sendable {
        /// Ends it without a farewell. Says whether it is gone.
        package var kill: @Sendable (_ keepsData: Bool) async -> Bool
        /// Asks it to end in order, and does not wait. Says whether it could be asked; `nil` where that cannot be done.
        package var stop: (@Sendable () async -> Bool)?
        /// Starts it again on the same port. Says whether it answers.
        package var restart: @Sendable () async -> Bool
        /// Stops it where it stands.
        package var freeze: @Sendable () async -> Bool
        /// Lets it go on.
        package var thaw: @Sendable () async -> Bool
        /// Takes it off the network, without a word to anybody; `nil` where that cannot be done.
        package var isolate: (@Sendable () async -> Bool)?
        /// Puts it back.
        package var rejoin: (@Sendable () async -> Bool)?
        /// Its id where it is local, for probes.
        package var processID: @Sendable () -> Int32?
        /// Whether it runs, where that is not seen by its id.
        package var isRunning: (@Sendable () async -> Bool)?
        /// What makes a container more than a process; `nil` for a process.
        package var container: Container?

        package init(
            kill: @escaping @Sendable (_ keepsData: Bool) async -> Bool, restart: @escaping @Sendable () async -> Bool,
            freeze: @escaping @Sendable () async -> Bool, thaw: @escaping @Sendable () async -> Bool,
            processID: @escaping @Sendable () -> Int32?
        ) {
            self.kill = kill
            self.restart = restart
            self.freeze = freeze
            self.thaw = thaw
            self.processID = processID
        }
    }

    /// What can be done to a container and not to a process.
    package struct Container: Sendable {
        /// Where its process listens inside; `nil` if that is the port by which it is reached.
        package var port: Int?
        /// Does something to the packets to and from a port; `nil` where no image has the tools for it.
        package var packets: (@Sendable (_ fault: PacketFault, _ port: Int) async -> Bool)?
        /// Lets it take so many bytes of memory more than it has now, and no more. Says whether that is so.
        package var limitMemory: @Sendable (_ bytes: Int) async -> Bool
        /// Gives it the limit back that it had. Says whether that is so.
        package var freeMemory: @Sendable () async -> Bool
    }

    package var redis: Process?
    /// Stands between the server and its Redis.
    package var redisProxy: FaultProxy?
    package var server: Process?
    /// Where the server itself listens if the way of clients leads over a proxy of the run; nil for the endpoint.
    package var serverAddress: (host: String, port: Int)?

    /// Whether the run has no hold on anything, or on containers only, of which each has its own limits: then what it has
    /// no means for says nothing about a mishap.
    var isDistant: Bool {
        let owned = [self.redis, self.server].compactMap(\.self)
        return self.redisProxy == nil && owned.allSatisfy { $0.container != nil }
    }

    package init(redis: Process? = nil, redisProxy: FaultProxy? = nil, server: Process? = nil) {
        self.redis = redis
        self.redisProxy = redisProxy
        self.server = server
    }
}
