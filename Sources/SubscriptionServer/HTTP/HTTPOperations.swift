import GraphQLCore
import Logging
import NIOCore
import NIOHTTP1

/// What all ways of running operations over HTTP have in common.
struct HTTPOperations: Sendable {
    let configuration: ServerConfiguration
    let engine: GraphQLEngine
    let runner: any OperationRunner
    let gate: any ConnectionGate
    let limiter: LimitKeeper
    let metrics: ServerMetrics
    let logger: Logger
    let live: LiveConnections
    let reservations = Reservations()

    /// Reads the request of a POST or GET (GraphQL over HTTP, "Request").
    func request(in call: HTTPCall) throws(HTTPRefusal) -> GraphQLRequest {
        let limits = JSONReader.Limits(
            depth: self.configuration.limits.jsonDepth, bytes: self.configuration.limits.bodyBytes)
        let isPost = call.head.method == .POST
        let fields = call.head.headers["content-type"]
        let (type, charset) = MediaRange.contentType(fields.first ?? "")
        guard !isPost || fields.count == 1 && type == "application/json" && (charset ?? "utf-8") == "utf-8" else {
            throw .mediaType
        }
        do throws(HTTPRequestParameters.Mistake) {
            return isPost
                ? try HTTPRequestParameters.read(body: call.body, limits: limits)
                : try HTTPRequestParameters.read(query: call.query, limits: limits)
        } catch {
            throw HTTPRefusal(.badRequest, error.message)
        }
    }

    /// Asks the gate, and counts the request. Every refusal over HTTP comes from here.
    func admit(_ call: HTTPCall) async throws(HTTPRefusal) -> ConnectionAdmission {
        let admission: ConnectionAdmission
        do {
            admission = try await self.gate.admit(request: call.facts)
        } catch {
            throw self.refusal(for: error)
        }
        if let refusal = self.limiter.countRequest(admission.principal) {
            throw HTTPRefusal(refusal)
        }
        return admission
    }

    /// Takes the place of one stream among the connections of its address, tenant and user.
    func enter(peer: String?, _ principal: Principal?) async throws(HTTPRefusal) -> StreamPlace {
        do throws(LimitRefusal) {
            let place = try self.limiter.enter(peer: peer).get()
            guard let principal else { return StreamPlace(leases: [place]) }
            return StreamPlace(leases: [place, try await self.limiter.join(principal).get()])
        } catch {
            throw HTTPRefusal(error)
        }
    }

    /// A stream with one operation, or with the reasons for not running it.
    func distinctStream(
        _ operation: Result<PreparedOperation, RequestError>, call: HTTPCall, admission: ConnectionAdmission,
        trace: TraceContext?
    ) async throws(HTTPRefusal) -> HTTPReply {
        let place = try await self.enter(peer: call.peer, admission.principal)
        return .stream(
            HTTPStreamAnswer(fields: EventStreamWriter.fields) { body in
                let stream = DistinctEventStream(body, place: place, server: self)
                switch operation {
                case .success(let operation): stream.run(operation, admission: admission, peer: call.peer, trace: trace)
                case .failure(let error): stream.refuse(error.errors)
                }
                return stream
            })
    }
}

/// What one stream holds below limits; given back with `release`, or when nobody has it any more.
struct StreamPlace: Sendable {
    fileprivate let leases: [LimitLease]

    func release() {
        for lease in self.leases {
            lease.release()
        }
    }
}

/// Why a request over HTTP is not run; told to the client as a GraphQL response with one error.
struct HTTPRefusal: Error {
    var status: HTTPResponseStatus
    var error: GraphQLError
    /// Fields beside the type of the body.
    var fields: [(name: String, value: String)] = []

    init(
        _ status: HTTPResponseStatus, _ message: String, code: String? = nil,
        fields: [(name: String, value: String)] = []
    ) {
        self.status = status
        self.error = GraphQLError(message: message, extensions: code.map { ["code": .string($0)] })
        self.fields = fields
    }

    /// A limit is reached (RFC 6585 §4); 503 when it could not be checked.
    init(_ refusal: LimitRefusal) {
        self.status = refusal.kind == .store ? .serviceUnavailable : .tooManyRequests
        self.error = refusal.error
        self.fields = refusal.fields
    }

    /// The body is not in a format that is understood (RFC 9110 §15.5.16).
    static let mediaType = HTTPRefusal(
        .unsupportedMediaType, "Requests come as application/json", fields: [("Accept-Post", "application/json")])

    /// Only queries may be sent by GET (GraphQL over HTTP, "GET").
    static let mutationByGET = HTTPRefusal(.methodNotAllowed, "Mutations need POST", fields: [("Allow", "POST")])

    /// The answer.
    func answer(_ type: ResultType) -> HTTPAnswer {
        var answer = HTTPAnswer.result(self.status, type, errors: [self.error])
        answer.fields += self.fields
        return answer
    }
}

extension HTTPAnswer {
    /// A GraphQL response. `body` is its JSON text.
    static func result(_ status: HTTPResponseStatus, _ type: ResultType, _ body: [UInt8]) -> HTTPAnswer {
        HTTPAnswer(
            status, fields: [("Content-Type", type.contentType), ("Vary", "Accept")], body: ByteBuffer(bytes: body))
    }

    /// A GraphQL response with nothing but errors.
    static func result(_ status: HTTPResponseStatus, _ type: ResultType, errors: [GraphQLError]) -> HTTPAnswer {
        .result(status, type, JSONValue.object(["errors": .array(errors.map { $0.json() })]).encoded())
    }
}
