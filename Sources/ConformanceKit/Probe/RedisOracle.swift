import CHiredis
import Dispatch
import Synchronization

/// Looks at Redis from outside, without help from the server under test.
///
/// The client library blocks, so every call runs on a queue of its own and never on the cooperative pool.
final class RedisOracle: Sendable {
    struct Failure: Error, Sendable {
        var message: String
    }

    private let address: Target.RedisAddress
    private let queue = DispatchQueue(label: "gqlconform-redis")
    private let link = Mutex(RedisLink())

    init(_ address: Target.RedisAddress) { self.address = address }

    func publish(_ message: String, to channel: String) async -> Result<Int, Failure> {
        await self.run { link throws(Failure) in .success(try link.integer(["PUBLISH", channel, message])) }
    }

    /// An event on its way.
    struct Publication: Sendable {
        var channel: String
        var message: String
    }

    /// Publishes everything in this order, without waiting for one answer before the next; gives the sum of the receivers.
    func publish(_ events: [Publication]) async -> Result<Int, Failure> {
        await self.run { link throws(Failure) in
            .success(try link.integers(events.map { ["PUBLISH", $0.channel, $0.message] }))
        }
    }

    /// Any command that is answered with a number, such as PUBLISH and HSET.
    func command(_ words: [String]) async -> Result<Int, Failure> {
        await self.run { link throws(Failure) in .success(try link.integer(words)) }
    }

    /// Ends every connection that has subscriptions, and gives their number.
    func endSubscribers() async -> Result<Int, Failure> {
        await self.run { link throws(Failure) in .success(try link.integer(["CLIENT", "KILL", "TYPE", "pubsub"])) }
    }

    /// Answers nobody for a while; ends by itself.
    func pause(milliseconds: Int) async -> Result<Int, Failure> {
        await self.run { link throws(Failure) in
            _ = try link.string(["CLIENT", "PAUSE", String(milliseconds), "ALL"])
            return .success(0)
        }
    }

    func ask(_ question: ValueSource.RedisQuestion) async -> Result<Int, Failure> {
        await self.run { link throws(Failure) in
            switch question {
            case .subscriptions(let text):
                let pattern = "*" + text.filter { !"*?[]\\".contains($0) } + "*"
                let channels = try link.strings(["PUBSUB", "CHANNELS", pattern])
                let shards = (try? link.strings(["PUBSUB", "SHARDCHANNELS", pattern])) ?? []
                return .success(channels.count + shards.count)
            case .subscribers(let text):
                let pattern = "*" + text.filter { !"*?[]\\".contains($0) } + "*"
                var count = 0
                for (list, number) in [("CHANNELS", "NUMSUB"), ("SHARDCHANNELS", "SHARDNUMSUB")] {
                    // A Redis before 7 knows no sharded channels.
                    guard let channels = try? link.strings(["PUBSUB", list, pattern]), !channels.isEmpty else {
                        continue
                    }
                    count += try link.counts(["PUBSUB", number] + channels)
                }
                return .success(count)
            case .patterns: return .success(try link.integer(["PUBSUB", "NUMPAT"]))
            case .receivers(let channel): return .success(try link.integer(["PUBLISH", channel, ""]))
            case .pubsubClients:
                let list = try link.string(["CLIENT", "LIST", "TYPE", "pubsub"])
                return .success(Self.foreignClients(in: list))
            }
        }
    }

    /// How many lines of a CLIENT LIST are not ours.
    static func foreignClients(in list: String) -> Int {
        list.split(separator: "\n").filter { !$0.isEmpty && !$0.contains("name=gqlconform-") }.count
    }

    private func run(
        _ body: @escaping @Sendable (RedisCommands) throws(Failure) -> Result<Int, Failure>
    ) async -> Result<Int, Failure> {
        await withCheckedContinuation { continuation in
            self.queue.async {
                let result = self.link.withLock { link -> Result<Int, Failure> in
                    var last = Failure(message: "")
                    // A link that was kept may belong to a Redis that is gone; a new one is tried before giving up.
                    for _ in 0..<(link.isOpen ? 2 : 1) {
                        do throws(Failure) {
                            return try body(try link.connected(to: self.address))
                        } catch {
                            link.close()
                            last = error
                        }
                    }
                    return .failure(last)
                }
                continuation.resume(returning: result)
            }
        }
    }
}

/// One oracle for each Redis.
final class RedisOracles: Sendable {
    private let oracles = Mutex<[String: RedisOracle]>([:])

    func oracle(for address: Target.RedisAddress) -> RedisOracle {
        self.oracles.withLock { oracles in
            let key = "\(address.host) \(address.port) \(address.database)"
            if let oracle = oracles[key] { return oracle }
            let oracle = RedisOracle(address)
            oracles[key] = oracle
            return oracle
        }
    }
}
