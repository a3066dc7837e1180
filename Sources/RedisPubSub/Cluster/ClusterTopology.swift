/// Where a node of a cluster listens.
package struct NodeAddress: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// Host name or address; an IPv6 address is without brackets.
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port` as a redirection has it, where an IPv6 address has no brackets.
    ///
    /// - Parameter asked: The host of the node that says so, which stands for a host that is not named.
    init?(_ text: some StringProtocol, from asked: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65535).contains(port)
        else { return nil }
        let host = text[..<colon]
        guard host != "?" else { return nil }
        self.init(host: host.isEmpty ? asked : String(host), port: port)
    }

    package static func < (one: NodeAddress, other: NodeAddress) -> Bool {
        (one.host, one.port) < (other.host, other.port)
    }

    package var description: String {
        self.host.contains(":") ? "[\(self.host)]:\(self.port)" : "\(self.host):\(self.port)"
    }
}

/// Which primary of a cluster has which slots.
package struct ClusterTopology: Sendable, Equatable {
    struct Range: Sendable, Equatable {
        let slots: ClosedRange<Int>
        let owner: NodeAddress
    }

    /// In the order of their slots, none in two of them.
    private let ranges: [Range]

    /// Every primary that has a slot.
    package var owners: Set<NodeAddress> { Set(self.ranges.map(\.owner)) }

    /// Whether every slot has an owner.
    package var isWhole: Bool { self.ranges.reduce(0) { $0 + $1.slots.count } == KeySlot.count }

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
                    owner: NodeAddress(host: host.isEmpty ? asked : host, port: Int(port))))
        }
        ranges.sort { $0.slots.lowerBound < $1.slots.lowerBound }
        let overlap = zip(ranges, ranges.dropFirst()).contains { $0.slots.upperBound >= $1.slots.lowerBound }
        guard !ranges.isEmpty, !overlap else { return nil }
        self.ranges = ranges
    }

    /// Who has the slot; nil for a slot without owner.
    package func owner(of slot: Int) -> NodeAddress? {
        var (low, high) = (0, self.ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if self.ranges[middle].slots.upperBound < slot { low = middle + 1 } else { high = middle }
        }
        guard low < self.ranges.count, self.ranges[low].slots.contains(slot) else { return nil }
        return self.ranges[low].owner
    }
}
