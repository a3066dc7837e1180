import Foundation
import Logging
import NIOPosix
import PubSub
import RedisPubSub
import TestSupport

/// A Redis cluster of the test's own: three primaries with a third of the slots each.
struct TestCluster {
    let nodes: [RedisServer]
    /// The names by which the nodes know one another.
    let ids: [String]
    private let directory: String

    /// Runs the body with a cluster that is whole, and ends it.
    static func with(_ body: (TestCluster) async throws -> Void) async throws {
        let directory = NSTemporaryDirectory() + "cluster-\(UInt64.random(in: 0 ... .max))"
        var nodes: [RedisServer] = []
        defer {
            nodes.forEach { $0.kill() }
            try? FileManager.default.removeItem(atPath: directory)
        }
        for number in 0..<3 {
            nodes.append(try await Self.startNode(in: "\(directory)/\(number)"))
        }
        let cluster = TestCluster(
            nodes: nodes, ids: try nodes.map { try $0.command("CLUSTER", "MYID") }, directory: directory)
        try await cluster.join()
        try await body(cluster)
    }

    private static func startNode(in directory: String) async throws -> RedisServer {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        return try await RedisServer.start(options: [
            "--dir", directory, "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
            "--cluster-port", "\(try Executable.freePort())", "--cluster-announce-ip", "127.0.0.1",
            "--cluster-require-full-coverage", "no", "--cluster-node-timeout", "10000",
        ])
    }

    private func join() async throws {
        for (number, node) in self.nodes.enumerated() {
            let slots = Self.slots(ofNode: number)
            try node.command("CLUSTER", "SET-CONFIG-EPOCH", "\(number + 1)")
            try node.command("CLUSTER", "ADDSLOTSRANGE", "\(slots.lowerBound)", "\(slots.upperBound)")
            if number > 0 { try self.meet(node) }
        }
        try await self.agree(on: 3)
    }

    /// Lets the first node know of another.
    func meet(_ node: RedisServer) throws {
        let port = try node.command("CONFIG", "GET", "cluster-port").split(separator: "\n").last ?? ""
        try self.nodes[0].command("CLUSTER", "MEET", "127.0.0.1", "\(node.port)", String(port))
    }

    /// Waits until every node knows so many nodes and all slots.
    private func agree(on count: Int) async throws {
        for node in self.nodes {
            try await eventually("the cluster is whole", within: .seconds(30)) {
                let info = try node.command("CLUSTER", "INFO")
                return ["state:ok", "slots_assigned:16384", "known_nodes:\(count)", "size:3"]
                    .allSatisfy { info.contains("cluster_\($0)") }
            }
        }
    }

    /// A node that has no slot.
    func addNode() async throws -> RedisServer {
        let node = try await Self.startNode(in: "\(self.directory)/more")
        try self.meet(node)
        try await self.agree(on: 4)
        return node
    }

    /// The slots that a node begins with.
    static func slots(ofNode number: Int) -> ClosedRange<Int> {
        number * KeySlot.count / 3...(number + 1) * KeySlot.count / 3 - 1
    }

    /// A channel whose slot the node begins with.
    static func channel(ofNode number: Int, _ name: String = "channel") throws -> ChannelName {
        let names = (0...).lazy.map { Array("public:\(name):\($0)".utf8) }
        let slots = Self.slots(ofNode: number)
        return try ChannelName(utf8: names.first { slots.contains(KeySlot.of($0)) } ?? [])
    }

    /// Has both nodes know that the slot is on its way from one to the other.
    func beginMove(slot: Int, from source: Int, to target: Int) throws {
        try self.nodes[target].command("CLUSTER", "SETSLOT", "\(slot)", "IMPORTING", self.ids[source])
        try self.nodes[source].command("CLUSTER", "SETSLOT", "\(slot)", "MIGRATING", self.ids[target])
    }

    /// Gives a slot, which has no keys, to another node. One that was importing it takes a new epoch, so that no older
    /// word of the others can undo this.
    func move(slot: Int, from source: Int, to target: Int) throws {
        try self.beginMove(slot: slot, from: source, to: target)
        let order = [target] + self.nodes.indices.filter { $0 != target }
        for number in order {
            try self.nodes[number].command("CLUSTER", "SETSLOT", "\(slot)", "NODE", self.ids[target])
        }
    }

    /// The channels that anybody holds at each node (PUBSUB SHARDCHANNELS).
    func channels() throws -> [[String]] {
        try self.nodes.map { node in
            try node.command("PUBSUB", "SHARDCHANNELS").split(separator: "\n").map(String.init).sorted()
        }
    }

    /// How many links hold the channel at each node.
    func subscriberCounts(of channel: ChannelName) throws -> [Int] {
        try self.nodes.map { node in
            let lines = try node.command("PUBSUB", "SHARDNUMSUB", "\(channel)").split(separator: "\n")
            return lines.last.flatMap { Int($0) } ?? -1
        }
    }

    /// Runs the body with a bus that knows the given nodes at first and is connected to all.
    func withBus(
        seeds: [Int] = [0, 1, 2], logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        _ body: (RedisClusterBus) async throws -> Void
    ) async throws {
        let places = seeds.map { "127.0.0.1:\(self.nodes[$0].port)" }.joined(separator: ",")
        try await withClusterBus(try RedisClusterURL("redis-cluster://\(places)"), logger: logger) { bus in
            try await eventually("the bus is connected") { bus.status == .connected }
            try await body(bus)
        }
    }
}

/// Runs the body with a running bus, which need not be connected.
func withClusterBus(
    _ url: RedisClusterURL, logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
    _ body: (RedisClusterBus) async throws -> Void
) async throws {
    let configuration = RedisBusConfiguration(url: url.seeds[0], clientName: "bus-tests")
    let bus = RedisClusterBus(
        url: url, configuration: configuration, group: MultiThreadedEventLoopGroup.singleton, logger: logger)
    try await running(bus, body)
}
