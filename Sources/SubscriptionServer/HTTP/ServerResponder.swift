import Logging
import NIOCore
import NIOHTTP1
import SubscriptionProtocols

/// The HTTP side of the server: operations, streams, health, metrics, and what the application adds.
struct ServerResponder: HTTPResponder {
    let operations: HTTPOperations
    let routes: RouteTable
    let probes: [ReadinessProbe]
    /// What is shown beside the server's own metrics.
    var extraMetrics: [ExtraMetric] = []
    /// False once the server is going down.
    let isAccepting: @Sendable () -> Bool

    func respond(to call: HTTPCall) async -> HTTPReply {
        let path = String(call.path)
        switch path {
        case "/health/live": return .answer(self.get(call) { self.liveness() })
        case "/health/ready": return .answer(self.get(call) { self.readiness() })
        case "/metrics": return .answer(self.get(call) { self.prometheus() })
        default: return await self.respond(to: call, path: path)
        }
    }

    /// Whatever a page could ask for.
    private func respond(to call: HTTPCall, path: String) async -> HTTPReply {
        let configuration = self.operations.configuration
        let verdict = configuration.access.origins.judge(call.head, configuration.testMode?.misbehaviour)
        let fields = configuration.access.origins.fields(for: verdict)
        if verdict == .refused {
            self.operations.logger.record(.originRefused)
            return .answer(.text(.forbidden, "Pages from there may not", fields: fields))
        }
        if OriginPolicy.isPreflight(call.head) {
            return .answer(HTTPAnswer(.noContent, fields: fields + OriginPolicy.preflightFields))
        }
        switch await self.reply(to: call, path: path) {
        case .answer(var answer):
            OriginPolicy.add(fields, to: &answer.fields)
            return .answer(answer)
        case .stream(var stream):
            OriginPolicy.add(fields, to: &stream.fields)
            return .stream(stream)
        }
    }

    private func reply(to call: HTTPCall, path: String) async -> HTTPReply {
        switch path {
        case self.operations.configuration.graphqlPath:
            return await GraphQLResponder(server: self.operations).respond(to: call)
        case self.operations.configuration.eventStreams.path:
            return await StreamResponder(server: self.operations).respond(to: call)
        default: return await self.routes.respond(to: call, path: path, operations: self.operations)
        }
    }

    private func get(_ call: HTTPCall, _ answer: () -> HTTPAnswer) -> HTTPAnswer {
        guard call.head.method == .GET || call.head.method == .HEAD else {
            return .text(.methodNotAllowed, "Only GET", fields: [("Allow", "GET, HEAD")])
        }
        return answer().with("Cache-Control", "no-store")
    }

    // MARK: Health and metrics

    /// What else is away does not make the process one to be killed.
    private func liveness() -> HTTPAnswer {
        let isRight = self.operations.configuration.testMode?.misbehaviour != .redisLiveDies
        return isRight || self.probes.allSatisfy { $0.problem() == nil }
            ? .text(.ok, "alive") : .text(.serviceUnavailable, "dead")
    }

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
        let text = self.operations.metrics.prometheusText(
            probes: probes, live: self.operations.live, extra: self.extraMetrics)
        return HTTPAnswer(
            .ok, fields: [("Content-Type", PrometheusText.contentType)], body: ByteBuffer(string: text))
    }
}
