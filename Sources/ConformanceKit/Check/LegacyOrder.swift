/// The legal order of a server's messages in the legacy dialect.
///
/// The text says little: what it leaves open (operations without an init, a `complete` after `error`, a running id that
/// is started again) is not judged here.
enum LegacyOrder {
    private struct Operation {
        /// Starts that the server has not completed.
        var open = 0
        /// The client stopped it, or it met an error, so what follows is not sure.
        var isUncertain = false
    }

    static func problems(of connection: ConnectionState) -> [MessageProblem] {
        var problems: [MessageProblem] = []
        // By the bytes of the id: equivalent texts are different ids.
        var operations: [[UInt8]: Operation] = [:]
        var acks = 0
        var inits = 0
        var sent = connection.sent[...]
        for item in connection.items {
            while let next = sent.first, next.sequence < item.sequence {
                sent = sent.dropFirst()
                switch (next.type, next.id) {
                case ("connection_init", _): inits += 1
                case ("start", let id?):
                    // A running id that is started again replaces, or is refused, or ends twice.
                    if operations[Array(id.utf8)]?.open ?? 0 > 0 { operations[Array(id.utf8)]?.isUncertain = true }
                    operations[Array(id.utf8), default: Operation()].open += 1
                case ("stop", let id?): operations[Array(id.utf8)]?.isUncertain = true
                // Whatever else names an id may be answered with `error` for it.
                case (_, let id?): operations[Array(id.utf8), default: Operation()].isUncertain = true
                default: continue
                }
            }
            func problem(_ row: String, _ message: String) {
                problems.append(
                    MessageProblem(
                        sequence: item.sequence, rows: ["legacy-ws/\(row)"], message: message, actual: item.summary))
            }
            switch item.type {
            case "connection_ack":
                acks += 1
                if inits == 0, !connection.sentOpaque {
                    problem("ack-after-init", "an acknowledgement without an init")
                }
                if acks > max(inits, 1), !connection.sentOpaque {
                    problem("ack-after-init", "more acknowledgements than inits")
                }
            case "ka": if acks == 0 { problem("ka-not-before-ack", "`ka` before the acknowledgement") }
            case "data", "error", "complete":
                guard let id = item.id, !connection.sentOpaque else { continue }
                guard var operation = operations[Array(id.utf8)] else {
                    problem("id-echoed", "a message for the id `\(id.prefix(60))`, which was never used")
                    continue
                }
                if operation.open == 0, !operation.isUncertain {
                    problem("complete-once", "a message for an operation that the server had completed")
                }
                if item.type == "complete", operation.open > 0 { operation.open -= 1 }
                if item.type == "error" { operation.isUncertain = true }
                operations[Array(id.utf8)] = operation
            default: continue
            }
        }
        return problems
    }
}
