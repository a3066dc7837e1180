extension ProfileParser {
    mutating func timing(_ node: ScenarioNode?) -> Target.Timing {
        let fields = self.reader.fields(
            node, of: "timing",
            known: ["t_reply", "t_quiet", "delivery", "cleanup", "recovery", "keepalive", "dead_peer"])
        var timing = Target.Timing()
        if let reply = self.nanoseconds(fields, "t_reply") { timing.reply = reply }
        if let settle = self.nanoseconds(fields, "t_quiet") { timing.settle = settle }
        if let delivery = self.nanoseconds(fields, "delivery") { timing.delivery = delivery }
        if let cleanup = self.nanoseconds(fields, "cleanup") { timing.cleanup = cleanup }
        for key in ["recovery", "keepalive", "dead_peer"] {
            _ = self.reader.duration(fields[key], "timing.\(key)")
        }
        return timing
    }

    private mutating func nanoseconds(_ fields: Fields, _ key: String) -> UInt64? {
        self.reader.duration(fields[key], "timing.\(key)").map { UInt64($0.wholeMilliseconds) * 1_000_000 }
    }

    /// Limits are read by the cases; here only their form is checked.
    mutating func limits(_ node: ScenarioNode?) {
        let waits = ["connection_init_timeout", "handshake_timeout"]
        let counts = [
            "message_bytes", "subscriptions_per_connection", "connections_per_subject", "messages_per_second",
        ]
        let fields = self.reader.fields(node, of: "limits", known: waits + counts)
        for key in waits {
            guard let wait = fields[key], wait.json != .null else { continue }
            _ = self.reader.duration(wait, "limits.\(key)")
        }
        for key in counts {
            guard let limit = fields[key], limit.json != .null else { continue }
            if case .map = limit.content {
                let members = self.reader.fields(
                    limit, of: "limits.\(key)", known: ["value", "on_exceed", "code", "close_code"])
                _ = self.reader.integer(members["value"], "limits.\(key).value", in: 1...Int.max)
            } else {
                _ = self.reader.integer(limit, "limits.\(key)", in: 1...Int.max)
            }
        }
    }

    /// The profile as the cases read it: what it leaves out has its default, and a limit is its value, however it is
    /// written; what happens beyond a limit that is written as a mapping stands under `exceed`.
    func completed(_ profile: JSON, timing: Target.Timing) -> JSON {
        guard case .object(var members) = profile else { return profile }
        let defaults: [(String, UInt64)] = [
            ("t_reply", timing.reply), ("t_quiet", timing.settle), ("delivery", timing.delivery),
            ("cleanup", timing.cleanup),
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
