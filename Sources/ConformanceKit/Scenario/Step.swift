/// One step of a scenario, ready to be played.
package struct Step: Sendable {
    /// The verb as written.
    package var verb: String
    /// `file:line verb`.
    package var place: String
    package var action: Action

    package enum Action: Sendable {
        case connect(ConnectArguments)
        /// connect, connection_init, connection_ack. `within` in nanoseconds.
        case open(ConnectArguments, payload: JSON?, within: UInt64)
        /// One or more items in one write.
        case write(connection: String, items: [WriteItem], split: Split?)
        case http(HTTPArguments)
        case run(connection: String, start: OperationStart, expectation: Expectation)
        case close(connection: String, code: Int?, reason: String)
        case drop(connection: String, how: DropKind)
        case reading(connection: String, paused: Bool)
        /// `within` in nanoseconds from the start of the step.
        case expect(Expectation)
        /// Waits for silence, then decides.
        case expectNone(Expectation)
        case fence(connection: String)
        case live(connection: String, id: String, probe: OperationProbe?, within: UInt64)
        /// A command that Redis is given, in words.
        case redis([String])
        case wait(WaitArguments)
        case mint(MintArguments)
        /// Takes the token of a `mint` back before its time.
        case revoke(token: String)
        case emitter(EmitterArguments)
        case stop(emitter: String)
        case fault(FaultArguments)
        case heal(name: String)
        /// Looks every so many nanoseconds.
        case always(ValueSource, Expectation, span: Span, every: UInt64)
        /// By the value at a path of the profile.
        case policy(of: String, branches: [(value: String, steps: [ScenarioNode])])
        case use(FragmentUse)
        case emit(EmitArguments)
        case observe(ValueSource, name: String)
        /// `isEventual`: ask again until it holds or the time is over.
        case value(ValueSource, Expectation, isEventual: Bool)
        case loop(times: Int, variable: String?, concurrency: Int, steps: [ScenarioNode])
        case parallel([[ScenarioNode]])
        case branch(Condition, then: [ScenarioNode], otherwise: [ScenarioNode])
    }

    package enum DropKind: String, Sendable, CaseIterable {
        case rst, fin
        case midFrame = "mid-frame"
        /// Nothing more is taken from TCP, and the connection stays.
        case stopReading = "stop-reading"
        /// The client is gone without a word: nothing is sent any more, and nothing that comes is acknowledged.
        case blackhole
    }
}

/// An operation that makes an event happen whose text is the variable `probe`.
package struct OperationProbe: Sendable {
    /// Who runs it.
    package var connection: String
    package var query: String
    /// Further variables.
    package var variables: [JSON.Member]
}

/// How a connection is opened.
package struct ConnectArguments: Sendable {
    package var name: String
    package var transport: String
    /// Nil for the transport's own.
    package var offer: [String]?
    /// Headers to set, replace or (no values) take away.
    package var headers: [(name: String, values: [String])]
    package var headerLines: [String]
    package var method: String
    package var path: String?
    /// The whole request, verbatim.
    package var request: String?
    package var split: Split?
    package var thenSend: [WriteItem]
    /// Whether anything but a right upgrade fails the step.
    package var mustUpgrade: Bool
    package var answersMessagePings: Bool
    package var answersControlPings: Bool
    package var answersClose: Bool
    /// Of event streams.
    package var httpVersion = TransferRequest.Version.one
    /// Where requests carry the token of a reserved stream.
    package var streamToken = StreamTokenPlace.header
    /// The name of a minted token or of a subject; nil for the default subject, `none` for no token.
    package var token: String?
    /// Added to the query of the URL, encoded.
    package var parameters: [(name: String, value: String)] = []
    /// Through the case's own proxy, so that a fault can hit it.
    package var isViaLink = false
    /// Which of several servers, from 0; negative numbers count from the last.
    package var replica = 0
    /// The address of this machine that the connection comes from; nil for the usual one. Sockets only.
    package var from: String?
    /// How long, in nanoseconds, a client that is not let in comes again; nil if it tries once. `open` of sockets only.
    package var retriesFor: UInt64?
    /// Whose token it carries; filled in when it is played.
    package var identity: (subject: String, tenant: String?)?
}

/// Where the token of a reserved stream stands: in a header field, or in the URL.
package enum StreamTokenPlace: String, CaseIterable, Sendable { case header, parameter }

/// A single HTTP request.
package struct HTTPArguments: Sendable {
    /// What the answer is called.
    package var name: String
    /// The transport whose endpoint is meant.
    package var endpoint = "http"
    package var method: String
    /// Instead of the endpoint's path.
    package var path: String?
    /// Instead of the endpoint; whole.
    package var url: String?
    /// Added to the query of the URL, encoded.
    package var parameters: [(name: String, value: String)] = []
    /// Headers to set or (no values) take away.
    package var headers: [(name: String, values: [String])] = []
    package var body: [UInt8]?
    /// `Content-Type: application/json` goes without saying.
    package var isJSON = false
    package var version = TransferRequest.Version.one
    /// The id of the messages, should the answer be an event stream.
    package var operation: String?
    /// Nanoseconds that the step waits for the answer.
    package var within: UInt64
    package var waits = true
    /// Whether an event stream is not GraphQL's, so that the rules of GraphQL over SSE are not about it.
    package var isPlain = false
    /// As in `ConnectArguments`.
    package var token: String?
    package var replica = 0
    /// Whose token it carries; filled in when it is played.
    package var identity: (subject: String, tenant: String?)?
}

/// The pieces in which bytes are handed to TCP.
package enum Split: Sendable, Equatable {
    case byteByByte
    /// The rest goes in one piece.
    case sizes([Int])

    package func pieces(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        switch self {
        case .byteByByte: return bytes.indices.map { bytes[$0...$0] }
        case .sizes(let sizes):
            var pieces: [ArraySlice<UInt8>] = []
            var rest = bytes[...]
            for size in sizes where !rest.isEmpty {
                pieces.append(rest.prefix(size))
                rest = rest.dropFirst(size)
            }
            if !rest.isEmpty { pieces.append(rest) }
            return pieces
        }
    }
}

/// Something that goes into one write.
package enum WriteItem: Sendable {
    /// A text message of one frame.
    case message(String)
    /// `connection_init`, with the token of a `mint` where the profile carries it.
    case initialization(payload: JSON?, token: String)
    case start(OperationStart)
    /// Ends an operation, in the words of the transport.
    case complete(id: String)
    case frames([RawFrame])
    case bytes([UInt8])
}

package struct OperationStart: Sendable {
    package var id: String
    package var kind: Kind

    package enum Kind: Sendable {
        /// The payload of `subscribe`, already JSON text.
        case payload(String)
        /// The profile's stream.
        case stream(topic: String, tenant: String?)
    }
}

/// A frame as the scenario wants it, right or wrong.
package struct RawFrame: Sendable, Equatable {
    package var fin: Bool
    /// RSV1 = 4.
    package var rsv: UInt8
    package var opcode: UInt8
    package var masked: Bool
    /// Nil for a random one.
    package var mask: [UInt8]?
    package var payload: [UInt8]
    /// The length to announce; nil for the payload's own.
    package var length: UInt64?
    /// 0, 2 or 8 bytes of extended length; nil for the shortest.
    package var lengthForm: Int?

    package init(
        opcode: UInt8, payload: [UInt8], fin: Bool = true, rsv: UInt8 = 0, masked: Bool = true, mask: [UInt8]? = nil,
        length: UInt64? = nil, lengthForm: Int? = nil
    ) {
        self.fin = fin
        self.rsv = rsv
        self.opcode = opcode
        self.masked = masked
        self.mask = mask
        self.payload = payload
        self.length = length
        self.lengthForm = lengthForm
    }
}

package struct EmitArguments: Sendable {
    package var name: String
    package var topic: String
    package var count: Int
    /// What has to become of every event; `nil` for anything. One that is not emitted though it should be makes the
    /// case inconclusive; one that is not refused though it should be is the server's fault.
    package var wanted: HistoryRecord.EmitOutcome?
    /// The tenant for which the event is; nil for that of the emitting subject.
    package var tenant: String?
}

/// Where a value comes from.
package enum ValueSource: Sendable {
    /// An operation on a connection of the runner's own, or on a named one.
    case query(payload: String, at: String, connection: String?)
    case redis(RedisQuestion)
    /// How often somebody has connected to the Redis of the run by the server's way; refused tries do not count.
    case redisConnects
    case saved(JSON)
    /// Of the server's process.
    case process(ProcessQuestion)
    /// A gauge of the profile, or a metric by its own name.
    case metric(String)
    /// The status that a GET of a path on the host of the `http` endpoint is answered with.
    case status(String)
    /// The scenario's connections that are open.
    case openConnections
    /// How many different events of an emission came on a connection, or on one of its operations.
    case deliveries(of: String, connection: String, id: String?)

    package enum ProcessQuestion: String, Sendable, CaseIterable {
        /// Bytes.
        case memory
        case descriptors, threads
        /// Milliseconds of processor time.
        case cpu
        /// 1 or 0.
        case alive
    }

    /// The label of the memory of the server, for the check `bounded-memory`.
    static let memoryLabel = ValueSource.process(.memory).label

    package enum RedisQuestion: Sendable, Equatable {
        /// Channels whose name contains the text, sharded ones too.
        case subscriptions(containing: String)
        /// The connections that are subscribed to those.
        case subscribers(containing: String)
        case pubsubClients
        case patterns
        /// What PUBLISH to the channel returns.
        case receivers(channel: String)
    }

    /// For the history: names the source, without values that change.
    package var label: String {
        switch self {
        case .query(let payload, let at, _): "query \(payload.prefix(200)) at \(at)"
        case .redis(.subscriptions(let text)): "redis subscriptions of \(text)"
        case .redis(.subscribers(let text)): "redis subscribers of \(text)"
        case .redis(.pubsubClients): "redis pubsub-clients"
        case .redis(.patterns): "redis patterns"
        case .redis(.receivers(let channel)): "redis receivers of \(channel)"
        case .redisConnects: "redis connects"
        case .saved: "saved"
        case .process(let question): "process \(question.rawValue)"
        case .metric(let name): "metric \(name)"
        case .status(let path): "status of \(path)"
        case .openConnections: "open connections"
        case .deliveries(let name, let connection, let id): "deliveries of \(name) on \(connection) \(id ?? "")"
        }
    }
}

/// What a `when` asks.
package enum Condition: Sendable {
    /// Names (axes, saved values, loop variables) with the value that each has to have.
    case values([(name: String, value: JSON)])
    case feature(String)
}
