package import GraphQLCore
package import Logging
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
        return metadata.traced(by: self.trace)
    }
}

/// What the log says of a query or mutation that was executed.
struct ExecutionFacts: Sendable {
    /// What brought it.
    enum Carrier: Sendable {
        /// A connection; nil when nobody knows which.
        case connection(LiveConnection?)
        /// A request over HTTP.
        case request(Principal, peer: String?)
    }

    /// `query` or `mutation`.
    private let kind: String
    /// The name in its document.
    private let name: String?
    /// How many errors its result has.
    private let errors: Int
    private let carrier: Carrier
    private let trace: TraceContext?

    /// - Parameter trace: Where it belongs in a trace, where its request says so.
    init(_ operation: PreparedOperation, _ result: ExecutionResult, carrier: Carrier, trace: TraceContext?) {
        self.kind = operation.kind.rawValue
        self.name = operation.operationName
        self.errors = result.errors.count
        self.carrier = carrier
        self.trace = trace
    }

    var metadata: Logger.Metadata {
        var metadata: Logger.Metadata
        switch self.carrier {
        case .connection(let connection): metadata = connection?.metadata ?? [:]
        case .request(let principal, let peer): metadata = principal.metadata(transport: "http", peer: peer)
        }
        metadata["kind"] = "\(self.kind)"
        metadata["operation_name"] = self.name.map { "\($0)" }
        metadata["errors"] = "\(self.errors)"
        return metadata.traced(by: self.trace)
    }
}

extension Logger.Metadata {
    /// With the trace and its parent span; unchanged without one.
    package func traced(by trace: TraceContext?) -> Logger.Metadata {
        guard let trace else { return self }
        var metadata = self
        metadata["trace_id"] = "\(trace.traceID)"
        metadata["parent_span_id"] = "\(trace.parentID)"
        return metadata
    }
}
