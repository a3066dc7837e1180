/// One thing that happened while a case was played; one line of `history.ndjson`.
package struct HistoryRecord: Sendable, Codable, Equatable {
    /// Place within the case, from 0 without gaps.
    package var sequence: Int
    /// Monotonic nanoseconds since the run began.
    package var time: UInt64
    /// `ExpandedCase.name`.
    package var caseName: String
    /// `file:line verb` of the step that was running, with `#n` after it in the n-th turn of a `repeat`.
    package var step: String?
    /// The scenario's name for the connection. Names that begin with `~` are the runner's own.
    package var connection: String?
    package var event: Event

    package enum Event: Sendable, Codable, Equatable {
        /// The first record: the instance's token (`{{u}}`) and the cell of the matrix.
        case caseStarted(token: String, values: JSON)
        case stepStarted
        /// A connection is being opened to `host:port`.
        case connecting(address: String, transport: String, offered: [String])
        /// Whose token the connection carries.
        case identified(subject: String, tenant: String?)
        /// TCP could not be opened.
        case connectFailed(reason: String)
        /// The upgrade request as sent.
        case requestSent(bytes: Bytes)
        /// The head of the answer to the upgrade request, and its body when it is not an upgrade.
        case responseReceived(response: WireResponse)
        case frameSent(frame: WireFrame)
        /// Bytes that are not whole frames.
        case bytesSent(bytes: Bytes)
        case frameReceived(frame: WireFrame)
        /// What came can no longer be read as frames (or as an HTTP head).
        case unreadable(reason: String, bytes: Bytes)
        /// The server's side of TCP ended.
        case ended(how: Ending)
        /// The scenario cut the connection.
        case dropped(how: String)
        /// An HTTP request, numbered within the case.
        case httpSent(exchange: Int, request: HTTPSent)
        case httpHead(exchange: Int, head: TransferHead)
        /// A piece of the answer's body as it came, transfer coding undone.
        case httpBytes(exchange: Int, bytes: Bytes)
        /// The scenario ends a request before its answer is over.
        case httpLeft(exchange: Int, how: String)
        case httpEnded(exchange: Int, end: TransferEnd)
        case fault(name: String, phase: FaultPhase, detail: String)
        /// An event is about to be emitted.
        case emitting(emission: Emission)
        /// What became of it.
        case emitted(nonce: String, outcome: EmitOutcome, detail: String)
        /// A fence passed on this connection: everything sent before was received.
        case fencePassed(kind: String, settled: Bool)
        /// A value was read: from a query, from Redis or from a saved name.
        case observed(source: String, value: JSON)
        /// An expectation is decided, on the records before `until` that come after `since`.
        case expected(expectation: Expectation, since: Int, until: Int, deadlinePassed: Bool)
        /// Something kept the step from being played.
        case problem(kind: ProblemKind, message: String)
        /// The scenario's steps are over; what follows is cleaning up.
        case stepsEnded(how: StepsEnd)
        case caseEnded
    }

    package enum Ending: String, Sendable, Codable, Equatable {
        /// The peer sent FIN.
        case fin
        /// The peer sent RST.
        case reset
        /// We closed it.
        case local
    }

    package enum FaultPhase: String, Sendable, Codable, Equatable {
        /// It is being brought about.
        case begins
        /// A canary has seen it.
        case seen
        /// It is being taken away.
        case heals
        /// A canary was answered again.
        case healed
    }

    package enum EmitOutcome: String, Sendable, Codable, Equatable { case ok, failed, unknown }

    package enum ProblemKind: String, Sendable, Codable, Equatable {
        /// The harness or its environment broke.
        case harness
        /// What the step builds on was not there.
        case precondition
        /// The server did not do what the step needs, which breaks a rule.
        case server
        /// The profile does not say what the step needs.
        case undeclared
        case budget
    }

    package enum StepsEnd: String, Sendable, Codable, Equatable {
        /// Every step was played.
        case completed
        /// An outcome marked `stop` ended the scenario early.
        case stopped
        /// An expectation failed or a step met a problem.
        case aborted
    }

    /// An event that the runner asked for.
    package struct Emission: Sendable, Codable, Equatable {
        /// The step's `as`; `~probe` for a probe of `live` or `fence`.
        package var name: String
        package var topic: String
        package var nonce: String
        /// Nil if the scenario names none.
        package var tenant: String?
        /// True if the scenario asks for an event that nobody can pass on.
        package var hasToFail: Bool?

        package init(name: String, topic: String, nonce: String, tenant: String? = nil, hasToFail: Bool? = nil) {
            self.name = name
            self.topic = topic
            self.nonce = nonce
            self.tenant = tenant
            self.hasToFail = hasToFail
        }
    }

    package init(
        sequence: Int, time: UInt64, caseName: String, step: String? = nil, connection: String? = nil, event: Event
    ) {
        self.sequence = sequence
        self.time = time
        self.caseName = caseName
        self.step = step
        self.connection = connection
        self.event = event
    }
}
