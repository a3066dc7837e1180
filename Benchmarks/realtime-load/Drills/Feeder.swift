import NIOCore

/// Publishes on every topic again and again, through whatever happens to Redis.
actor Feeder {
    private let redisPort: Int
    private let topics: [String]
    private let loop: any EventLoop
    private var number: UInt64 = 0
    private var task: Task<Void, Never>?

    init(redisPort: Int, topics: [String], on loop: any EventLoop) {
        self.redisPort = redisPort
        self.topics = topics
        self.loop = loop
    }

    func start(every interval: Duration) {
        self.task = Task { await self.feed(interval) }
    }

    func stop() async {
        self.task?.cancel()
        await self.task?.value
    }

    private func feed(_ interval: Duration) async {
        var publisher: RedisPublisher?
        while !Task.isCancelled {
            if publisher == nil {
                publisher = try? await RedisPublisher.connect(port: self.redisPort, prefix: Stage.prefix, on: self.loop)
            }
            self.number += 1
            do {
                try await publisher?.publish(numbered: self.number, on: self.topics)
            } catch {
                publisher = nil
            }
            try? await Task.sleep(for: interval)
        }
        try? await publisher?.close()
    }
}
