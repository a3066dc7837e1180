import GraphQLCore
import NIOCore
import NIOHTTP1
import SubscriptionProtocols

/// GraphQL over SSE at a path of its own: both modes. The token of a reservation, in its header field or as the URL
/// parameter `token`, tells the single connection mode from the distinct one.
struct StreamResponder: HTTPResponder {
    let server: HTTPOperations

    /// The answer is made of parts that throw to refuse; refusals are plain JSON.
    func respond(to call: HTTPCall) async -> HTTPReply {
        do throws(HTTPRefusal) {
            switch call.head.method {
            case .PUT: return .answer(try await self.reserve(call))
            case .DELETE: return .answer(try await self.delete(call))
            case .GET, .POST: return try await self.operate(call)
            default:
                throw HTTPRefusal(
                    .methodNotAllowed, "Only GET, POST, PUT and DELETE", fields: [("Allow", "GET, POST, PUT, DELETE")])
            }
        } catch {
            return .answer(error.answer(.json))
        }
    }

    // MARK: Reservations

    /// Gives out a token ("Making reservations"). A token that the client brings is not used: a client must not choose
    /// what others cannot guess.
    private func reserve(_ call: HTTPCall) async throws(HTTPRefusal) -> HTTPAnswer {
        let ranges = MediaRange.list(call.head.headers["accept"])
        guard ranges.isEmpty || MediaRange.quality(of: "text/plain", in: ranges).weight > 0 else {
            throw HTTPRefusal(.notAcceptable, "Tokens come as text/plain")
        }
        let admission = try await self.server.admit(call)
        let server = self.server
        let place = try await server.enter(peer: call.peer, admission.principal)
        let token = try? await call.eventLoop.submit {
            server.reservations.reserve(
                for: admission.principal, peer: call.peer, trace: TraceContext(call), place: place,
                server: server,
                on: call.eventLoop)
        }.get()
        guard let token = token.flatMap({ $0 }) else {
            throw HTTPRefusal(
                .serviceUnavailable, "Too many reservations", code: "OVERLOADED", fields: [("Retry-After", "5")])
        }
        return HTTPAnswer(
            .created, fields: [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")],
            body: ByteBuffer(string: token.text))
    }

    /// Stops an operation ("Stopping streaming operations").
    private func delete(_ call: HTTPCall) async throws(HTTPRefusal) -> HTTPAnswer {
        let admission = try await self.server.admit(call)
        guard let entry = self.reservation(of: call, admission) else { throw .streamNotFound }
        guard let id = HTTPRequestParameters.value(of: "operationId", in: call.query).flatMap(OperationID.init) else {
            throw .operationIDMissing
        }
        guard (try? await entry.ask({ $0.delete(id) })) == true else { throw .streamNotFound }
        return HTTPAnswer(.ok)
    }

    // MARK: Streams and operations

    private func operate(_ call: HTTPCall) async throws(HTTPRefusal) -> HTTPReply {
        let ranges = MediaRange.list(call.head.headers["accept"])
        let takesStream = MediaRange.eventStreamQuality(in: ranges).weight > 0
        let takesJSON = ranges.isEmpty || MediaRange.quality(of: ResultType.json.rawValue, in: ranges).weight > 0
        guard takesStream || takesJSON else {
            throw HTTPRefusal(.notAcceptable, "Streams come as text/event-stream, errors as application/json")
        }
        let admission = try await self.server.admit(call)
        if let entry = self.reservation(of: call, admission) {
            return MediaRange.prefersEventStream(ranges)
                ? try await self.open(entry) : .answer(try await self.start(call, entry, admission))
        }
        // What asks for no stream can only be an operation of a single connection, and that has to have its token.
        guard takesStream else { throw .streamNotFound }
        if self.token(of: call) != nil, call.head.method == .GET,
            HTTPRequestParameters.value(of: "query", in: call.query) == nil
        {
            throw .streamNotFound
        }
        let request = try self.server.request(in: call)
        let prepared = self.server.engine.prepare(request)
        if case .success(let operation) = prepared, operation.kind == .mutation, call.head.method != .POST {
            throw .mutationByGET
        }
        return try await self.server.distinctStream(
            prepared, call: call, admission: admission, trace: TraceContext(request, in: call))
    }

    /// Opens the one stream of a reservation.
    private func open(_ entry: Reservations.Entry) async throws(HTTPRefusal) -> HTTPReply {
        switch try? await entry.ask({ $0.open() }) {
        case .accept?: break
        case .alreadyOpen?: throw HTTPRefusal(.conflict, "Stream already open")
        case .gone?, nil: throw .streamNotFound
        }
        let server = self.server
        return .stream(
            HTTPStreamAnswer(fields: EventStreamWriter.fields) { body in
                ReservedEventStream(body, of: entry, server: server)
            } abandon: {
                entry.execute { $0.ended() }
            })
    }

    /// Starts an operation of a single connection ("Executing operations"). The document is checked first, so that an
    /// operation that is refused never holds its id.
    private func start(
        _ call: HTTPCall, _ entry: Reservations.Entry, _ admission: ConnectionAdmission
    ) async throws(HTTPRefusal) -> HTTPAnswer {
        let request = try self.server.request(in: call)
        guard case .string(let text)? = request.extensions?["operationId"], let id = OperationID(text) else {
            throw .operationIDMissing
        }
        switch self.server.engine.prepare(request) {
        case .failure(let error):
            self.server.metrics.operations.add("invalid")
            return .result(.badRequest, .json, errors: error.errors)
        case .success(let operation):
            guard operation.kind != .mutation || call.head.method == .POST else { throw .mutationByGET }
            let trace = TraceContext(request, in: call)
            switch try? await entry.ask({ $0.start(id, operation, context: admission.context, trace: trace) }) {
            case .accepted?: return HTTPAnswer(.accepted)
            case .idInUse?: throw HTTPRefusal(.conflict, "Operation with ID already exists")
            case .limited(let refusal)?: throw HTTPRefusal(refusal)
            case .gone?, nil: throw .streamNotFound
            }
        }
    }

    // MARK: Tokens

    private func token(of call: HTTPCall) -> String? {
        call.head.headers.first(name: "x-graphql-event-stream-token")
            ?? HTTPRequestParameters.value(of: "token", in: call.query)
    }

    private func reservation(of call: HTTPCall, _ admission: ConnectionAdmission) -> Reservations.Entry? {
        self.token(of: call).flatMap { self.server.reservations.find($0, for: admission.principal) }
    }
}

extension HTTPRefusal {
    /// No reservation of this client has the token.
    fileprivate static let streamNotFound = HTTPRefusal(.notFound, "Stream not found")
    /// Without an id that is a string of at least one character.
    fileprivate static let operationIDMissing = HTTPRefusal(.badRequest, "Operation ID is missing")
}
