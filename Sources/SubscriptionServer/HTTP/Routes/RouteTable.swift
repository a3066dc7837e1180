import GraphQLCore
import Logging
import NIOCore
import NIOHTTP1

/// The routes of an application. The first whose pattern and method fit answers.
struct RouteTable: Sendable {
    private let routes: [HTTPRoute]

    init(_ routes: [HTTPRoute]) {
        self.routes = routes
    }

    func respond(to call: HTTPCall, path: String, operations: HTTPOperations) async -> HTTPReply {
        let fitting = self.routes.compactMap { route in route.pattern.match(path).map { (route, $0) } }
        guard !fitting.isEmpty else { return .answer(.text(.notFound, "Not found")) }
        let method = call.head.method == .HEAD ? "GET" : call.head.method.rawValue
        guard let (route, parameters) = fitting.first(where: { $0.0.methods.contains(method) }) else {
            let methods = fitting.reduce(into: Set<String>()) { $0.formUnion($1.0.methods) }
            let allowed = (methods.contains("GET") ? methods.union(["HEAD"]) : methods).sorted()
            return .answer(
                .text(
                    .methodNotAllowed, "Only \(allowed.joined(separator: ", "))",
                    fields: [("Allow", allowed.joined(separator: ", "))]))
        }
        do throws(HTTPRefusal) {
            let admission = route.access == .admitted ? try await operations.admit(call) : nil
            return try await self.respond(
                to: RouteCall(
                    method: method, path: path, parameters: parameters, query: try self.query(of: call),
                    facts: call.facts, body: Array(call.body.readableBytesView), admission: admission),
                call, route, operations)
        } catch {
            return .answer(error.answer(.json))
        }
    }

    private func respond(
        to routeCall: RouteCall, _ call: HTTPCall, _ route: HTTPRoute, _ operations: HTTPOperations
    ) async throws(HTTPRefusal) -> HTTPReply {
        do {
            switch try await route.respond(routeCall) {
            case .body(let status, let contentType, let body, let fields):
                return .answer(
                    HTTPAnswer(
                        HTTPResponseStatus(statusCode: status),
                        fields: [("Content-Type", contentType)] + fields.map { ($0.name, $0.value) },
                        body: ByteBuffer(bytes: body)))
            case .events(let stream):
                let place = try await operations.enter(peer: call.peer, routeCall.admission?.principal)
                return .stream(
                    HTTPStreamAnswer(fields: EventStreamWriter.fields) { body in
                        RouteStreamBody(
                            body, stream, pattern: route.pattern.description, call: call, place: place,
                            principal: routeCall.admission?.principal, operations: operations)
                    })
            }
        } catch let refusal as HTTPRefusal {
            throw refusal
        } catch let error as RouteError {
            var refusal = HTTPRefusal(HTTPResponseStatus(statusCode: error.status), "")
            refusal.error = error.error
            throw refusal
        } catch {
            if !(error is CancellationError) {
                operations.logger.record(.requestFailed(error: "\(error)"))
            }
            var refusal = HTTPRefusal(.internalServerError, "")
            refusal.error = .internalError
            throw refusal
        }
    }

    private func query(of call: HTTPCall) throws(HTTPRefusal) -> [(name: String, value: String)] {
        do throws(HTTPRequestParameters.Mistake) {
            return try HTTPRequestParameters.pairs(in: call.query)
        } catch {
            throw HTTPRefusal(.badRequest, error.message)
        }
    }
}
