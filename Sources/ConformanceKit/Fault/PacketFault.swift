/// What can happen to the packets to and from one TCP port inside a network namespace.
package enum PacketFault: Sendable, Equatable {
    /// New connections are refused, and those there are end.
    case refuse
    /// Those there are end with RST; new ones work.
    case reset
    /// So many of a hundred get lost, all of them with 100.
    case lose(percent: Int, FaultEffect.Direction)
    /// None of this.
    case clear

    /// What a shell does inside the namespace, as root there, with `nft` (nftables) and `ss` (iproute2). What was done before is
    /// undone with it.
    ///
    /// - Parameter port: Where the process listens.
    package func script(port: Int) -> String {
        let clear = "nft 'add table inet gqlconform; delete table inet gqlconform'"
        // By the kernel, which tells both ends; no packet has to come for it.
        let end = "ss -K -t -n state established '( sport = :\(port) )' > /dev/null"
        switch self {
        case .clear: return clear
        case .reset: return end
        case .refuse:
            return [clear, Self.table(["in": "tcp dport \(port) reject with tcp reset"]), end].joined(separator: " && ")
        case .lose(let percent, let direction):
            let chance = percent >= 100 ? "" : "numgen random mod 100 < \(percent) "
            var rules: KeyValuePairs<String, String> = [:]
            let to = "tcp dport \(port) \(chance)drop"
            let from = "tcp sport \(port) \(chance)drop"
            switch direction {
            case .up: rules = ["in": to]
            case .down: rules = ["out": from]
            case .both: rules = ["in": to, "out": from]
            }
            return [clear, Self.table(rules)].joined(separator: " && ")
        }
    }

    /// What the container says to itself, such as its health check, is let through.
    private static func table(_ rules: KeyValuePairs<String, String>) -> String {
        let chains = rules.map { name, rule in
            let (hook, side) = name == "in" ? ("input", "iifname") : ("output", "oifname")
            return "chain \(name) { type filter hook \(hook) priority 0; \(side) != \"lo\" \(rule); };"
        }
        return "nft 'table inet gqlconform { \(chains.joined(separator: " ")) }'"
    }
}
