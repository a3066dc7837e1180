import GraphQLCore
import Logging
import NIOCore
import NIOHTTP1

/// The HTTP side of the server: operations, health and metrics.
///
/// Status codes follow the GraphQL over HTTP draft of 2023, which clients and the published audits expect: a
/// well-formed request gets 200 as `application/json`; as `application/graphql-response+json` it gets 200 when it was
/// executed and 400 when it was refused before.
struct ServerResponder: HTTPResponder {
    let configuration: ServerConfiguration
    let engine: GraphQLEngine
    let gate: any ConnectionGate
    let limiter: LimitKeeper
    let metrics: ServerMetrics
    let logger: Logger
    let probes: [ReadinessProbe]
    /// False once the server is going down.
    let isAccepting: @Sendable () -> Bool

    func respond(to call: HTTPCall) async -> HTTPAnswer {
        switch String(call.path) {
        case self.configuration.graphqlPath: await self.graphql(call)
        case "/health/live": self.get(call) { .text(.ok, "alive") }
        case "/health/ready": self.get(call) { self.readiness() }
        case "/metrics": self.get(call) { self.prometheus() }
        default: .text(.notFound, "Not found")
        }
    }

    private func get(_ call: HTTPCall, _ answer: () -> HTTPAnswer) -> HTTPAnswer {
        guard call.head.method == .GET || call.head.method == .HEAD else {
            return .text(.methodNotAllowed, "Only GET", fields: [("Allow", "GET, HEAD")])
        }
        var answer = answer()
        answer.fields.append(("Cache-Control", "no-store"))
        return answer
    }

    // MARK: Health and metrics

    private func readiness() -> HTTPAnswer {
        var problems = self.probes.compactMap { probe in probe.problem().map { "\(probe.name): \($0)" } }
        if !self.isAccepting() {
            problems.insert("server: going away", at: 0)
        }
        return problems.isEmpty
            ? .text(.ok, "ready") : .text(.serviceUnavailable, problems.joined(separator: "\n"))
    }

    private func prometheus() -> HTTPAnswer {
        let probes = self.probes.map { (label: $0.name, count: $0.problem() == nil ? 1 : 0) }
        return HTTPAnswer(
            .ok, fields: [("Content-Type", PrometheusText.contentType)],
            body: ByteBuffer(string: self.metrics.prometheusText(probes: probes)))
    }

    // MARK: Operations

    private func graphql(_ call: HTTPCall) async -> HTTPAnswer {
        guard [.GET, .HEAD, .POST].contains(call.head.method) else {
            return .text(.methodNotAllowed, "Only GET and POST", fields: [("Allow", "GET, HEAD, POST")])
        }
        if call.head.method != .POST, call.query.isEmpty {
            return .text(
                .upgradeRequired, "Upgrade to a WebSocket, or send an operation",
                fields: WebSocketHandshake.upgradeFields)
        }
        guard let type = ResultType.negotiate(call.head.headers["accept"]) else {
            return .text(
                .notAcceptable, "Results come as \(ResultType.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let admission: ConnectionAdmission
        do {
            admission = try await self.gate.admit(request: call.facts)
        } catch let refusal as ConnectionRefusal {
            self.logger.record(.connectionRefused(reason: refusal.reason))
            return self.refusal(.forbidden, type, "Forbidden")
        } catch {
            self.logger.record(.connectionDecisionFailed(error: "\(error)"))
            return self.refusal(.internalServerError, type, "Internal server error")
        }
        if let refusal = self.limiter.countRequest(admission.principal) {
            return self.refusal(refusal, type)
        }
        switch self.request(in: call) {
        case .failure(let failure):
            return failure.status == .unsupportedMediaType
                ? .text(failure.status, failure.message, fields: [("Accept-Post", "application/json")])
                : self.refusal(failure.status, type, failure.message)
        case .success(let request):
            switch await self.limiter.begin(admission.principal) {
            case .failure(let refusal): return self.refusal(refusal, type)
            case .success(let place):
                defer { place.release() }
                return await self.run(request, call, type, admission.context)
            }
        }
    }

    private struct Failure: Error {
        let status: HTTPResponseStatus
        let message: String
    }

    private func request(in call: HTTPCall) -> Result<GraphQLRequest, Failure> {
        let limits = JSONReader.Limits(
            depth: self.configuration.limits.jsonDepth, bytes: self.configuration.limits.bodyBytes)
        do throws(HTTPRequestParameters.Mistake) {
            guard call.head.method == .POST else {
                return .success(try HTTPRequestParameters.read(query: call.query, limits: limits))
            }
            let fields = call.head.headers["content-type"]
            let (type, charset) = MediaRange.contentType(fields.first ?? "")
            guard fields.count == 1, type == "application/json", charset == nil || charset == "utf-8" else {
                return .failure(Failure(status: .unsupportedMediaType, message: "Requests come as application/json"))
            }
            return .success(try HTTPRequestParameters.read(body: call.body, limits: limits))
        } catch {
            return .failure(Failure(status: .badRequest, message: error.message))
        }
    }

    private func run(
        _ request: GraphQLRequest, _ call: HTTPCall, _ type: ResultType, _ context: any ExecutionContext
    ) async -> HTTPAnswer {
        switch self.engine.prepare(request) {
        case .failure(let error):
            self.metrics.operations.add("invalid")
            return self.result(type == .json ? .ok : .badRequest, type, self.body(error.errors))
        case .success(let operation):
            guard operation.kind != .subscription else {
                return self.refusal(.badRequest, type, "Subscriptions need a WebSocket")
            }
            guard operation.kind != .mutation || call.head.method == .POST else {
                var answer = self.refusal(.methodNotAllowed, type, "Mutations need POST")
                answer.fields.append(("Allow", "POST"))
                return answer
            }
            self.metrics.operations.add(operation.kind.rawValue)
            let result = await self.engine.execute(operation, context: context)
            return self.result(.ok, type, result.body)
        }
    }

    /// A refusal of this layer, as a GraphQL response with one error.
    private func refusal(_ status: HTTPResponseStatus, _ type: ResultType, _ message: String) -> HTTPAnswer {
        self.result(status, type, self.body([GraphQLError(message: message)]))
    }

    /// A limit is reached.
    private func refusal(_ refusal: LimitRefusal, _ type: ResultType) -> HTTPAnswer {
        var answer = self.result(.tooManyRequests, type, self.body([refusal.error]))
        answer.fields.append(refusal.field)
        return answer
    }

    private func body(_ errors: [GraphQLError]) -> [UInt8] {
        JSONValue.object(["errors": .array(errors.map { $0.json() })]).encoded()
    }

    private func result(_ status: HTTPResponseStatus, _ type: ResultType, _ body: [UInt8]) -> HTTPAnswer {
        HTTPAnswer(
            status, fields: [("Content-Type", type.contentType), ("Vary", "Accept")], body: ByteBuffer(bytes: body))
    }
}
