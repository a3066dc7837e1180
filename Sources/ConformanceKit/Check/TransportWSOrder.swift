/// The legal order of a server's messages (graphql-transport-ws).
///
/// What is not sure is not judged: a message that was under way when the client completed its operation is legal.
enum TransportWSOrder {
    private struct Operation {
        /// Subscribes that the server has not ended.
        var open = 0
        /// The client completed it at some time, so late messages are legal.
        var wasAbandoned = false
    }

    private enum Step {
        case sent(ConnectionState.Sent)
        case received(ConnectionState.Item)

        var sequence: Int {
            switch self {
            case .sent(let sent): sent.sequence
            case .received(let item): item.sequence
            }
        }
    }

    static func problems(of connection: ConnectionState) -> [MessageProblem] {
        var problems: [MessageProblem] = []
        // By the bytes of the id: equivalent texts are different ids.
        var operations: [[UInt8]: Operation] = [:]
        var inits = 0
        var acks = 0
        let steps = (connection.sent.map(Step.sent) + connection.items.map(Step.received))
            .sorted { $0.sequence < $1.sequence }
        for step in steps {
            switch step {
            case .sent(let sent):
                switch (sent.type, sent.id) {
                case ("connection_init", _): inits += 1
                case ("subscribe", let id?): operations[Array(id.utf8), default: Operation()].open += 1
                case ("complete", let id?): operations[Array(id.utf8)]?.wasAbandoned = true
                default: continue
                }
            case .received(let item):
                func problem(_ row: String, _ message: String) -> MessageProblem {
                    MessageProblem(
                        sequence: item.sequence, rows: ["transport-ws/\(row)"], message: message, actual: item.summary)
                }
                switch item.type {
                case "connection_ack":
                    acks += 1
                    if inits == 0, !connection.sentOpaque {
                        problems.append(problem("ack-only-after-init", "an acknowledgement without an init"))
                    } else if acks > 1 {
                        problems.append(problem("ack-once", "a second acknowledgement"))
                    }
                case "next", "error", "complete":
                    if acks == 0 {
                        problems.append(problem("ack-before-subscribe", "an operation message before the ack"))
                    }
                    guard let id = item.id, !connection.sentOpaque else { continue }
                    guard var operation = operations[Array(id.utf8)] else {
                        problems.append(
                            problem(
                                "id-on-every-operation-message",
                                "a message for the id `\(id.prefix(60))`, which was never used"))
                        continue
                    }
                    if operation.open == 0, !operation.wasAbandoned {
                        problems.append(
                            problem("nothing-after-complete", "a message for an operation that the server had ended"))
                    }
                    if item.type != "next", operation.open > 0 {
                        operation.open -= 1
                        operations[Array(id.utf8)] = operation
                    }
                default: continue
                }
            }
        }
        return problems
    }
}
