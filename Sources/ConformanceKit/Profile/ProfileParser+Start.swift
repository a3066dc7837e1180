extension ProfileParser {
    mutating func start(_ node: ScenarioNode?) -> Profile.Start {
        guard let node else { return .external }
        if case .value(.string("external")) = node.content { return .external }
        let fields = self.reader.fields(
            node, of: "start",
            known: [
                "external", "command", "env", "directory", "ready", "grace", "mutants", "replicas", "compose",
                "containers", "arguments",
            ])
        let ways = ["external", "command", "compose", "containers"].filter { fields[$0] != nil }
        if ways.count > 1 {
            self.reader.fail(
                node,
                "start has to name one of external, command, compose, containers, not \(ways.joined(separator: " and "))"
            )
            return .external
        }
        if let compose = fields["compose"] { return self.compose(compose, fields) }
        if let containers = fields["containers"] { return self.containers(containers) }
        if self.reader.flag(fields["external"], "start.external") == true { return .external }
        guard let command = fields["command"] else {
            self.reader.fail(node, "start needs a command", hint: "start: {command: [./server]}, or start: external")
            return .external
        }
        // By themselves, so that a profile can add to the command of the one that it extends.
        let arguments =
            self.words(command, "start.command", also: [])
            + self.words(fields["arguments"], "start.arguments", also: [])
        if arguments.isEmpty { self.reader.fail(command, "start.command is empty") }
        let replicas = self.reader.integer(fields["replicas"], "start.replicas", in: 1...16)
        if let replicas, replicas > 1, let node = fields["replicas"],
            !(arguments + Array(self.environment(fields["env"]).values)).contains(where: {
                Placeholders.names(in: $0).contains("port")
            })
        {
            self.reader.fail(
                node, "replicas need {{port}} in start.command or start.env", hint: "each has its own port")
        }
        let ready = self.readiness(fields["ready"])
        let mutants = self.mutants(fields["mutants"])
        return .command(
            Profile.Command(
                arguments: arguments, environment: self.environment(fields["env"]),
                directory: self.reader.string(fields["directory"], "start.directory"), ready: ready.kind,
                within: ready.within, grace: self.reader.duration(fields["grace"], "start.grace") ?? .seconds(5),
                mutantArguments: mutants.arguments, mutantList: mutants.list, replicas: replicas ?? 1))
    }

    private mutating func containers(_ node: ScenarioNode) -> Profile.Start {
        let fields = self.reader.fields(node, of: "start.containers", known: ["server", "redis", "tools"])
        guard let server = self.reader.string(fields["server"], "start.containers.server") else {
            if fields["server"] == nil {
                self.reader.fail(
                    node, "the key start.containers.server is missing",
                    hint: "containers: {server: my-app-1, redis: my-redis-1}")
            }
            return .external
        }
        return .containers(
            Profile.Containers(
                server: server, redis: self.reader.string(fields["redis"], "start.containers.redis"),
                tools: self.reader.string(fields["tools"], "start.containers.tools")))
    }

    private mutating func compose(_ node: ScenarioNode, _ start: Fields) -> Profile.Start {
        let fields = self.reader.fields(
            node, of: "start.compose", known: ["file", "service", "port", "redis", "tools"])
        for key in ["file", "service", "port"] where fields[key] == nil {
            self.reader.fail(
                node, "the key start.compose.\(key) is missing",
                hint: "compose: {file: compose.yaml, service: app, port: 4000}")
        }
        let ready = self.readiness(start["ready"])
        guard let file = self.reader.string(fields["file"], "start.compose.file"),
            let service = self.reader.string(fields["service"], "start.compose.service"),
            let port = self.reader.integer(fields["port"], "start.compose.port", in: 1...65_535)
        else { return .external }
        return .compose(
            Profile.Compose(
                file: file, service: service, port: port,
                redis: self.reader.string(fields["redis"], "start.compose.redis"),
                tools: self.reader.string(fields["tools"], "start.compose.tools"), ready: ready.kind,
                within: ready.within))
    }

    mutating func words(_ node: ScenarioNode?, _ key: String, also: [String]) -> [String] {
        let words = self.reader.strings(node, key) ?? []
        if let node { for word in words { self.checkPlaceholders(word, at: node, also: ["folder"] + also) } }
        return words.map { self.located($0) }
    }

    /// A text with `{{folder}}`, the folder of the profile, filled in.
    func located(_ text: String) -> String {
        let folder = self.reader.file.lastIndex(of: "/").map { String(self.reader.file[..<$0]) }
        return Placeholders.fill(text, ["folder": folder.map { $0.isEmpty ? "/" : $0 } ?? "."])
    }

    private mutating func environment(_ node: ScenarioNode?) -> [String: String] {
        var environment: [String: String] = [:]
        for entry in self.reader.entries(node, of: "start.env") {
            guard let text = self.reader.string(entry.value, "start.env.\(entry.key)") else { continue }
            self.checkPlaceholders(text, at: entry.value, also: ["folder"])
            environment[entry.key] = self.located(text)
        }
        return environment
    }

    private mutating func readiness(_ node: ScenarioNode?) -> (kind: Profile.Readiness, within: Duration) {
        let fields = self.reader.fields(node, of: "start.ready", known: ["http", "status", "line", "within"])
        let within = self.reader.duration(fields["within"], "start.ready.within") ?? .seconds(30)
        let status = self.reader.integer(fields["status"], "start.ready.status", in: 100...599)
        if let path = self.reader.string(fields["http"], "start.ready.http") {
            let place = fields["http"].map { ($0.line, $0.column) } ?? (1, 1)
            if !["/", "http://", "https://"].contains(where: path.hasPrefix) {
                self.reader.fail(
                    line: place.0, column: place.1, "start.ready.http has to be a path or an http URL",
                    hint: "for example /health/ready")
            }
            return (.http(path, status: status ?? 200), within)
        }
        if let text = self.reader.string(fields["line"], "start.ready.line") { return (.line(text), within) }
        return (.port, within)
    }

    private mutating func mutants(_ node: ScenarioNode?) -> (arguments: [String], list: [String]) {
        let fields = self.reader.fields(node, of: "start.mutants", known: ["arguments", "list"])
        let arguments = self.words(fields["arguments"], "start.mutants.arguments", also: ["mutant"])
        if let node = fields["arguments"], !arguments.contains(where: { Placeholders.names(in: $0).contains("mutant") })
        {
            self.reader.fail(node, "start.mutants.arguments has to hold {{mutant}}")
        }
        return (arguments, self.words(fields["list"], "start.mutants.list", also: []))
    }
}
