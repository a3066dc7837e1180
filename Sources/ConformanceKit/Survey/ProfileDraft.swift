/// Writes a first profile with comments, out of what a survey found.
package enum ProfileDraft {
    /// The text of the file.
    package static func text(_ survey: ServerSurvey, name: String) -> String {
        var lines = [
            "# A first profile, made by looking at the server. Read it, correct it, then:",
            "#   gqlconform doctor --profile THIS-FILE", "#   gqlconform run --profile THIS-FILE", "profile: 1", "",
            "server:", "  name: \(Improvised.quoted(name))",
            "  version: \"0\"        # the exact version, never a branch", "",
            "# The server runs already. To let gqlconform start it, put {{port}} into the URLs below and write:",
            "# start: {command: [./my-server, --port, \"{{port}}\"], ready: {http: /health, status: 200, within: 30s}}",
            "start: {external: true}", "", "endpoints:",
        ]
        for (transport, url) in survey.endpoints {
            let mode = transport == "sse" && survey.isSingleSSE ? ", mode: both" : ""
            lines.append("  \(transport): {url: \(Improvised.quoted(url))\(mode)}")
        }
        lines.append("")
        lines +=
            survey.schema.map(self.events) ?? [
                "# The server does not show its schema. Name a subscription here to unlock the cases about events:",
                "# stream:", "#   document: \"subscription ($topic: String!) { … }\"",
                "#   variables: {topic: \"{{topic}}\"}",
                "#   nonce_at: data.…",
            ]
        lines += [
            "", "# Where a token goes, and how to make one, if the server wants one:", "# auth:",
            "#   carry: {transport-ws: connection_init.payload.Authorization, http: header.Authorization}",
            "#   format: \"Bearer {{token}}\"",
            "#   mint: {jwt: {alg: HS256, secret: \"…\", claims: {sub: \"{{subject}}\", exp: \"{{expires}}\"}}}",
            "#   subjects: {alice: {}}", "",
            "# The Redis that the server publishes on lets the suite look for subscriptions that are left behind:",
            "# redis: {url: \"redis://127.0.0.1:6379/0\", layout: per-topic}", "",
            "# How long an answer, an event and cleaning up may take; a case fails when they take longer. A server of one process",
            "# wants few cases beside each other; one of many threads takes 24.",
            "timing: {t_reply: 5s, delivery: 5s, cleanup: 10s}", "jobs: 6", "",
            "# What the server promises; limits are tested as declared, and a feature that is not mentioned is probed.",
            "# limits: {connection_init_timeout: 3s}", "# features: {ws.compression: false}",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func events(_ schema: SchemaSketch) -> [String] {
        let candidates = schema.candidates
        guard let best = candidates.first else { return ["# The schema has no subscriptions."] }
        var lines: [String] = []
        if candidates.count > 1 {
            lines.append(
                "# Other subscriptions: \(candidates.dropFirst().prefix(12).map(\.field.name).joined(separator: ", "))")
        }
        let isUsable = best.nonce != nil && best.unknown.isEmpty
        let mark = isUsable ? "" : "# "
        if !isUsable {
            lines.append(
                "# \(best.field.name) "
                    + (best.nonce == nil
                        ? "gives back no text in which an event could be known again"
                        : "needs \(best.unknown.map(\.name).joined(separator: ", "))")
                    + ": complete this, or choose another.")
        }
        lines += ["\(mark)stream:", "\(mark)  document: \(Improvised.quoted(self.document(best, schema)))"]
        if best.topic != nil { lines.append("\(mark)  variables: {topic: \"{{topic}}\"}") }
        lines.append("\(mark)  nonce_at: data.\((best.nonce ?? ["…"]).joined(separator: "."))")
        lines.append("")
        guard let emitter = schema.emitter(for: best) else {
            return lines + [
                "# How to make an event happen: no mutation was found that takes a text. One of", "# emit:",
                "#   http: {method: POST, path: /test/emit, json: {topic: \"{{topic}}\", text: \"{{nonce}}\"}}",
                "#   redis: {channel: \"{{topic}}\", message: \"{{nonce}}\"}",
                "#   command: [./emit.sh, \"{{topic}}\", \"{{nonce}}\"]",
            ]
        }
        lines.append(
            "# A guess: does \(emitter.field.name) make an event of \(best.field.name), and does its text come back?")
        lines += ["\(mark)emit:", "\(mark)  mutation:"]
        lines.append("\(mark)    document: \(Improvised.quoted(self.document(emitter, schema)))")
        let topic = emitter.topic == nil ? "" : "topic: \"{{topic}}\", "
        lines.append("\(mark)    variables: {\(topic)nonce: \"{{nonce}}\"}")
        return lines
    }

    private static func document(_ candidate: SchemaSketch.Candidate, _ schema: SchemaSketch) -> String {
        let selection = schema.selection(candidate.field, way: candidate.nonce)
        guard let topic = candidate.topic else { return "subscription { \(candidate.field.name)\(selection) }" }
        return
            "subscription ($topic: \(topic.type.text)) { \(candidate.field.name)(\(topic.name): $topic)\(selection) }"
    }

    private static func document(
        _ emitter: (field: SchemaSketch.Field, topic: SchemaSketch.Argument?, text: SchemaSketch.Argument),
        _ schema: SchemaSketch
    ) -> String {
        var variables = ["$nonce: \(emitter.text.type.text)"]
        var arguments = ["\(emitter.text.name): $nonce"]
        if let topic = emitter.topic {
            variables.insert("$topic: \(topic.type.text)", at: 0)
            arguments.insert("\(topic.name): $topic", at: 0)
        }
        let selection = schema.selection(emitter.field, way: nil)
        return
            "mutation (\(variables.joined(separator: ", "))) { \(emitter.field.name)(\(arguments.joined(separator: ", ")))\(selection) }"
    }
}
