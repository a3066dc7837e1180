import GraphQLCore
import Logging
import NIOCore
import NIOHTTP1

/// GraphQL over HTTP, and the distinct connections mode of GraphQL over SSE for clients that ask for it.
///
/// Status codes follow the GraphQL over HTTP draft of 2023, which clients and the published audits expect: a
/// well-formed request gets 200 as `application/json`; as `application/graphql-response+json` it gets 200 when it was
/// executed and 400 when it was refused before.
struct GraphQLResponder: HTTPResponder {
    let server: HTTPOperations

    func respond(to call: HTTPCall) async -> HTTPReply {
        guard [.GET, .HEAD, .POST].contains(call.head.method) else {
            return .answer(
                .text(.methodNotAllowed, "Only GET and POST", fields: [("Allow", "GET, HEAD, POST")]))
        }
        if call.head.method != .POST, call.query.isEmpty {
            return .answer(
                .text(
                    .upgradeRequired, "Upgrade to a WebSocket, or send an operation",
                    fields: WebSocketHandshake.upgradeFields))
        }
        let ranges = MediaRange.list(call.head.headers["accept"])
        let wantsStream = MediaRange.prefersEventStream(ranges)
        guard let type = ResultType.negotiate(ranges) ?? (wantsStream ? .json : nil) else {
            return .answer(
                .text(
                    .notAcceptable, "Results come as \(ResultType.allCases.map(\.rawValue).joined(separator: ", "))"))
        }
        do throws(HTTPRefusal) {
            return try await self.run(call, type, wantsStream: wantsStream, ranges)
        } catch {
            return .answer(error.answer(type))
        }
    }

    private func run(
        _ call: HTTPCall, _ type: ResultType, wantsStream: Bool, _ ranges: [MediaRange]
    ) async throws(HTTPRefusal) -> HTTPReply {
        let admission = try await self.server.admit(call)
        let request = try self.server.request(in: call)
        let prepared = self.server.engine.prepare(request)
        if case .success(let operation) = prepared, operation.kind == .mutation, call.head.method != .POST {
            throw .mutationByGET
        }
        let trace = TraceContext(request, in: call)
        guard !wantsStream else {
            return try await self.server.distinctStream(
                prepared, call: call, admission: admission, trace: trace)
        }
        switch prepared {
        case .failure(let error):
            self.server.metrics.operations.add("invalid")
            return .answer(.result(type == .json ? .ok : .badRequest, type, errors: error.errors))
        case .success(let operation) where operation.kind == .subscription:
            // A result would be the first event only; so the stream is given when it is acceptable at all.
            guard MediaRange.eventStreamQuality(in: ranges).weight > 0 else {
                throw HTTPRefusal(.badRequest, "Subscriptions need a WebSocket, or Accept: text/event-stream")
            }
            return try await self.server.distinctStream(
                prepared, call: call, admission: admission, trace: trace)
        case .success(let operation):
            let place: LimitLease
            switch await self.server.limiter.beginRequest(admission.principal) {
            case .success(let lease): place = lease
            case .failure(let refusal): throw HTTPRefusal(refusal)
            }
            defer { place.release() }
            self.server.metrics.operations.add(operation.kind.rawValue)
            let context = trace.map { admission.context.traced(by: $0) } ?? admission.context
            let result = await self.server.engine.execute(operation, context: context)
            if self.server.logger.logLevel <= .debug {
                self.server.logger.record(
                    .operationExecuted(
                        ExecutionFacts(
                            operation, result, carrier: .request(admission.principal, peer: call.peer), trace: trace)))
            }
            return .answer(.result(.ok, type, result.body))
        }
    }
}
