/// Which primary of a cluster has which slots.
struct ClusterTopology: Sendable, Equatable {
    struct Range: Sendable, Equatable {
        let slots: ClosedRange<Int>
        let owner: RedisEndpoint
    }

    /// In the order of their slots, none in two of them.
    private let ranges: [Range]

    /// Every primary that has a slot.
    var owners: Set<RedisEndpoint> { Set(self.ranges.map(\.owner)) }

    /// Whether every slot has an owner.
    var isWhole: Bool { self.ranges.reduce(0) { $0 + $1.slots.count } == KeySlot.count }

    /// Reads the answer to CLUSTER SLOTS: for each range of slots an array of the first, the last, and the nodes, the
    /// primary first, each an array of host, port and more. A host that is null or empty is the one that was asked; a
    /// node with the host `?` cannot be reached, so its slots have no owner.
    ///
    /// - Returns: nil for what is no such answer, or tells of no slot at all.
    init?(_ reply: RESPReply, from asked: String) {
        guard case .array(let elements) = reply else { return nil }
        var ranges: [Range] = []
        for element in elements {
            guard case .array(let parts) = element, parts.count >= 3, case .integer(let first) = parts[0],
                case .integer(let last) = parts[1], first >= 0, last >= first, last < KeySlot.count,
                case .array(let primary) = parts[2], primary.count >= 2, case .integer(let port) = primary[1],
                (1...65535).contains(port)
            else { return nil }
            let host = primary[0].asBytes.map { String(decoding: $0, as: UTF8.self) } ?? ""
            guard host != "?" else { continue }
            ranges.append(
                Range(
                    slots: Int(first)...Int(last),
                    owner: RedisEndpoint(host: host.isEmpty ? asked : host, port: Int(port))))
        }
        ranges.sort { $0.slots.lowerBound < $1.slots.lowerBound }
        let overlap = zip(ranges, ranges.dropFirst()).contains { $0.slots.upperBound >= $1.slots.lowerBound }
        guard !ranges.isEmpty, !overlap else { return nil }
        self.ranges = ranges
    }

    /// Who has the slot; nil for a slot without owner.
    func owner(of slot: Int) -> RedisEndpoint? {
        var (low, high) = (0, self.ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if self.ranges[middle].slots.upperBound < slot { low = middle + 1 } else { high = middle }
        }
        guard low < self.ranges.count, self.ranges[low].slots.contains(slot) else { return nil }
        return self.ranges[low].owner
    }
}
