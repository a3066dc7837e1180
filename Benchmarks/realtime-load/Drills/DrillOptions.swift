import ArgumentParser
import Foundation
import NIOCore
import NIOPosix
import TestSupport

/// What every drill needs.
struct DrillOptions: ParsableArguments {
    @Option(help: "The program of the reference server. (default: beside this one)")
    var server: String?

    var serverPath: String {
        self.server
            ?? URL(
                fileURLWithPath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
            )
            .deletingLastPathComponent().appendingPathComponent("reference-server").path
    }
}

/// A Redis, a server on it, and a loop for the clients.
struct Stage {
    /// What stands before a topic in the name of its channel.
    static let prefix = "public:topic:"

    let redis: RedisServer
    let server: ServerChild
    let loop: any EventLoop
    let fleet: Fleet

    static func set(_ options: DrillOptions, _ arguments: [String] = []) async throws -> Stage {
        raiseDescriptorLimit()
        let redis = try await RedisServer.start()
        let server = try await ServerChild.start(
            options.serverPath, ["--test-mode", "--redis-url", "redis://127.0.0.1:\(redis.port)"] + arguments)
        let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        return Stage(
            redis: redis, server: server, loop: loop, fleet: Fleet(Target(port: server.port), on: loop))
    }

    /// How many links hold each topic's channel, from Redis itself.
    func subscriptions(of topics: [String]) throws -> [Int] {
        let names = topics.map { Self.prefix + $0 }
        guard let path = Executable.find("redis-cli") else { throw Late("redis-cli is not installed") }
        let output = try Executable.run(path, ["-p", "\(self.redis.port)", "PUBSUB", "NUMSUB"] + names).output
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
        return stride(from: 1, to: lines.count, by: 2).compactMap { Int(lines[$0]) }
    }

    /// How many channels anybody holds.
    func channelCount() throws -> Int { try self.redis.channels().count }
}
