import Glibc

extension RunControl.Process {
    /// A Redis that the run started.
    package init(_ redis: RedisProcess) {
        self.init(
            kill: { await redis.kill(keepsData: $0) }, restart: { await redis.restart() },
            freeze: { Self.send(SIGSTOP, to: redis.process) }, thaw: { Self.send(SIGCONT, to: redis.process) },
            processID: { redis.process.exit == nil ? redis.process.processID : nil })
    }

    /// A server that the run started. It has no data of its own to keep.
    package init(_ server: ServerProcess) {
        self.init(
            kill: { _ in await server.kill() },
            restart: {
                let http = HTTPClient(threads: 1)
                let isReady = await server.restart(http: http)
                await http.shutdown()
                return isReady
            },
            freeze: { Self.send(SIGSTOP, to: server.process) }, thaw: { Self.send(SIGCONT, to: server.process) },
            processID: { server.process.exit == nil ? server.process.processID : nil })
        self.stop = { server.askToEnd() }
    }

    private static func send(_ signal: Int32, to process: ChildProcess) -> Bool {
        guard process.exit == nil else { return false }
        process.signal(signal)
        return true
    }
}
