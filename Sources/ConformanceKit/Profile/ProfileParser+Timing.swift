extension ProfileParser {
    mutating func timing(_ node: ScenarioNode?) -> Target.Timing {
        let fields = self.reader.fields(
            node, of: "timing",
            known: ["t_reply", "t_quiet", "delivery", "cleanup", "recovery", "keepalive", "dead_peer"])
        var timing = Target.Timing()
        func read(_ key: String) -> UInt64? { self.reader.nanoseconds(fields[key], "timing.\(key)") }
        if let reply = read("t_reply") { timing.reply = reply }
        if let settle = read("t_quiet") { timing.settle = settle }
        if let delivery = read("delivery") { timing.delivery = delivery }
        if let cleanup = read("cleanup") { timing.cleanup = cleanup }
        if let recovery = read("recovery") { timing.recovery = recovery }
        timing.keepalive = read("keepalive")
        timing.deadPeer = read("dead_peer")
        return timing
    }

    /// The profile as the cases read it: what it leaves out has its default, and a limit is its value, however it is
    /// written; what happens beyond a limit that is written as a mapping stands under `exceed`.
    func completed(_ profile: JSON, timing: Target.Timing) -> JSON {
        guard case .object(var members) = profile else { return profile }
        let defaults: [(String, UInt64)] = [
            ("t_reply", timing.reply), ("t_quiet", timing.settle), ("delivery", timing.delivery),
            ("cleanup", timing.cleanup), ("recovery", timing.recovery),
        ]
        var given = profile["timing"]?.members ?? []
        for (name, nanoseconds) in defaults where !given.contains(where: { $0.name == name }) {
            given.append(.init(name, .string("\(nanoseconds / 1_000_000)ms")))
        }
        members.removeAll { $0.name == "timing" }
        members.append(.init("timing", .object(given)))
        if let limits = profile["limits"]?.members {
            members.removeAll { $0.name == "limits" }
            members.append(.init("limits", .object(limits.map { .init($0.name, $0.value["value"] ?? $0.value) })))
            members.append(.init("exceed", .object(limits.filter { $0.value["value"] != nil })))
        }
        return .object(members)
    }
}
