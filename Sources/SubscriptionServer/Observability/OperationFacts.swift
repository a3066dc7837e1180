import Logging
import SubscriptionProtocols

/// What the log says of one operation.
struct OperationFacts: Sendable {
    /// The client's name for it.
    let id: OperationID
    /// The name in its document.
    let name: String?
    /// Where it belongs in a trace, where its request says so.
    let trace: TraceContext?
    /// Where it runs; nil when nobody knows.
    let connection: LiveConnection?

    var metadata: Logger.Metadata {
        var metadata = self.connection?.metadata ?? [:]
        metadata["operation"] = "\(self.id.text)"
        metadata["operation_name"] = self.name.map { "\($0)" }
        if let trace = self.trace {
            metadata["trace_id"] = "\(trace.traceID)"
            metadata["parent_span_id"] = "\(trace.parentID)"
        }
        return metadata
    }
}
