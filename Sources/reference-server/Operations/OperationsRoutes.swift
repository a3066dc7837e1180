import GraphQLCore
import ReferenceDomains
import SubscriptionProtocols
import SubscriptionServer

/// Where the operations system is served: five event streams and three WebSockets under `/api/v1/realtime`.
struct OperationsRoutes: Sendable {
    private let streams: OperationsStreams
    private let works: Works
    private let faults: DomainFaults

    private static let base = "/api/v1/realtime"
    /// How long a client should wait before it comes back.
    private static let retry = 1000

    init(_ environment: DomainEnvironment) {
        self.streams = OperationsStreams(environment)
        self.works = Works(environment)
        self.faults = environment.channels.faults
    }

    /// The event streams. `?event_types=a,b` asks for some types only; `Last-Event-ID` asks for what came since, as does
    /// `?last_event_id=` for those who cannot set header fields; `?recent=20` asks for the last that are kept.
    var http: [HTTPRoute] {
        [OperationsStream.onuStatus, .alerts, .tickets, .subscribers, .radiusSessions].map { stream in
            HTTPRoute("\(Self.base)/\(stream.rawValue)") { call in
                let identity = try Self.identity(call.admission)
                let types = try Self.types(call.queryValue("event_types"), of: stream)
                let last = call.lastEventID ?? call.queryValue("last_event_id").flatMap { $0.isEmpty ? nil : $0 }
                let recent = try Self.recent(call.queryValue("recent"))
                return .events(self.events(of: stream, types, lastEventID: last, recent: recent, for: identity))
            }
        }
    }

    /// The WebSockets: all RADIUS sessions, one job, one campaign.
    var sockets: [SocketRoute] {
        [
            SocketRoute("/api/v1/realtime/ws/sessions") { [streams, faults] call, socket in
                OperationsSocket(socket, identity: Self.socketIdentity(call), faults: faults) { send, identity in
                    // A handshake that was accepted cannot be refused any more: what cannot be used is none.
                    let recent = (try? Self.recent(call.queryValue("recent"))) ?? 0
                    return try await streams.listen(
                        to: .radiusSessions, tenant: identity.tenant, recent: recent, first: { [.opened] }
                    ) { send($0) }
                }
            },
            self.work(.job, "/api/v1/realtime/ws/jobs/{id}"),
            self.work(.campaign, "/api/v1/realtime/ws/campaigns/{id}"),
        ]
    }

    private func work(_ kind: WorkKind, _ pattern: PathPattern) -> SocketRoute {
        SocketRoute(pattern) { [streams, works, faults] call, socket in
            let id = call.parameters["id"] ?? ""
            return OperationsSocket(
                socket, identity: Self.socketIdentity(call),
                commands: OperationsCommands(
                    works, kind, id, isMute: faults.contains(.operationsCommandUnanswered)), faults: faults
            ) { send, identity in
                // How it stands is read once its events are heard, so that no change is between the two.
                try await streams.listen(
                    to: kind.stream, tenant: identity.tenant,
                    first: {
                        guard let item = try await works.find(kind, id, tenant: identity.tenant) else {
                            throw Access.notFound(kind.rawValue)
                        }
                        return [.now(kind, item)]
                    },
                    { signal in
                        if case .event(let event) = signal, event.members[kind.idKey]?.stringValue != id,
                            !faults.contains(.operationsJobsMixed)
                        {
                            return
                        }
                        send(signal)
                    })
            }
        }
    }

    private func events(
        of stream: OperationsStream, _ types: Set<OperationsEventType>, lastEventID: String?, recent: Int,
        for identity: Identity
    ) -> RouteEventStream {
        RouteEventStream { sink in
            try await self.streams.listen(
                to: stream, tenant: identity.tenant, lastEventID: lastEventID, recent: recent, first: { [.opened] }
            ) { signal in
                switch signal {
                case .opened:
                    let hello: JSONValue = ["event_type": "connected", "stream": .string(stream.rawValue)]
                    sink.send(ServerSentEvent(event: "connected", data: hello.text, retry: Self.retry))
                case .event(let event):
                    guard types.contains(event.type) || self.faults.contains(.operationsTypesIgnored) else { return }
                    sink.send(
                        ServerSentEvent(
                            event: event.type.rawValue, id: "\(event.id)",
                            data: String(decoding: event.json, as: UTF8.self)))
                case .older(let count):
                    let data: JSONValue = ["event_type": "older", "count": .int(Int64(count))]
                    sink.send(ServerSentEvent(event: "older", data: data.text))
                case .missed(let reason):
                    let data: JSONValue = ["event_type": "replay.unavailable", "reason": .string(reason)]
                    sink.send(ServerSentEvent(event: "replay.unavailable", data: data.text))
                case .now: break
                case .ended(let error):
                    sink.send(ServerSentEvent(event: "error", data: JSONValue.object(["errors": [error.json()]]).text))
                    sink.finish()
                }
            }
        }
    }

    /// The types that a client asks for.
    private static func types(_ text: String?, of stream: OperationsStream) throws -> Set<OperationsEventType> {
        guard let text else { return Set(stream.eventTypes) }
        let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        return try Set(
            names.map { name in
                guard let type = OperationsEventType(rawValue: name), type.stream == stream else {
                    let known = stream.eventTypes.map(\.rawValue).joined(separator: ", ")
                    throw Self.badInput("event_types: \"\(name)\" is none of \(known).")
                }
                return type
            })
    }

    /// How many of the events that are kept a client wants first.
    private static func recent(_ text: String?) throws -> Int {
        guard let text else { return 0 }
        guard let count = Int(text), (0...OperationsPublisher.replayCapacity).contains(count) else {
            throw Self.badInput("recent: must be a number from 0 to \(OperationsPublisher.replayCapacity).")
        }
        return count
    }

    private static func badInput(_ message: String) -> RouteError {
        RouteError(status: 400, GraphQLError(message: message, extensions: ["code": "BAD_USER_INPUT"]))
    }

    private static func identity(_ admission: ConnectionAdmission?) throws -> Identity {
        guard let identity = admission?.context as? Identity else {
            throw RouteError(status: 401, Access.unauthenticated)
        }
        return identity
    }

    private static func socketIdentity(_ call: SocketCall) -> Identity? {
        call.admission.context as? Identity
    }
}
