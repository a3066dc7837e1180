/// What a step waits for, with every template filled in. It is written to the history, so that the judge can decide it
/// again from the records alone.
package struct Expectation: Sendable, Codable, Equatable {
    package var subject: Subject
    /// Acceptable and listed outcomes, tried in order; the first that fits gives the verdict.
    package var outcomes: [Outcome]
    /// The verdict when none fits.
    package var otherwise: Verdict
    package var facet: Facet
    /// The requirement rows that the step is about; empty for those of the scenario.
    package var requirements: [String]
    /// Nanoseconds that the outcome may take, from the start of the step.
    package var within: UInt64
    /// Nanoseconds since the connection was opened before which the outcome must not come.
    package var notBefore: UInt64?
    /// The name under which the outcome is reported and under which later steps see it.
    package var name: String?

    package enum Subject: Sendable, Codable, Equatable {
        /// What one connection receives.
        case messages(connection: String, lane: Lane, allow: [MessagePattern])
        /// The answer to the upgrade request.
        case handshake(connection: String)
        /// Deliveries of emitted events to an operation.
        case events(EventsExpectation)
        /// The last value observed from a source.
        case value(source: String)
    }

    /// The messages of a connection that an expectation looks at, in the order of their arrival.
    package enum Lane: Sendable, Codable, Equatable {
        /// All of them.
        case all
        /// Those that carry this id.
        case operation(id: String)
        /// Those without an id.
        case connection
        /// Those with any id.
        case operations
        /// Ping and pong frames, as `{"control":"pong","payload_hex":"00ff"}`.
        case control
    }

    package struct EventsExpectation: Sendable, Codable, Equatable {
        package var connection: String
        package var id: String
        /// Names of `emit` steps.
        package var emissions: [String]
        /// No event twice, and none of another emission.
        package var exactly: Bool
        /// In the order in which they were emitted.
        package var ordered: Bool
        /// Where in `payload` the nonce comes back.
        package var noncePath: String
    }

    package struct Outcome: Sendable, Codable, Equatable {
        package var verdict: Verdict
        package var name: String?
        package var note: String?
        /// The scenario ends here, well, if this is what happened.
        package var stop: Bool
        package var form: Form
    }

    package enum Form: Sendable, Codable, Equatable {
        /// These messages, one after the other, so many times over.
        case messages([MessagePattern], times: Int)
        /// The server closes.
        case close(ClosePattern)
        /// Nothing until the deadline, and the connection stays open.
        case nothing
        case handshake(HandshakePattern)
        case value(ValueComparison)
        /// All the events came.
        case delivered
        /// Anything else.
        case anything
    }
}

/// What a message has to look like. A part that is nil is not looked at.
package struct MessagePattern: Sendable, Codable, Equatable {
    /// The value pattern for the whole message.
    package var message: JSON
    /// The only members that the message may have; nil for any.
    package var only: [String]?

    package init(message: JSON, only: [String]? = nil) {
        self.message = message
        self.only = only
    }
}

/// How the server ends a connection.
package struct ClosePattern: Sendable, Codable, Equatable {
    /// Acceptable codes; nil for any. 1005 stands for a close frame without a code.
    package var codes: [Int]?
    /// A value pattern for the reason; nil for any.
    package var reason: JSON?
    /// `frame`: a close frame came. `eof`: TCP ended without one. `either`.
    package var form: CloseForm
    /// TCP has to end as well.
    package var untilEOF: Bool

    package enum CloseForm: String, Sendable, Codable, CaseIterable { case frame, eof, either }
}

/// What the answer to an upgrade request has to look like.
package struct HandshakePattern: Sendable, Codable, Equatable {
    /// Acceptable status codes; nil for any.
    package var statuses: [ClosedRange<Int>]?
    /// `none`: the header is absent. Otherwise the value.
    package var subprotocol: String?
    /// Value patterns by header name; `$absent` for a header that must not be there.
    package var headers: JSON
    /// The accept key has to be right.
    package var validUpgrade: Bool
    /// No answer at all: TCP ended first.
    package var noAnswer: Bool
    /// A value pattern for the body: read as JSON if it is JSON, as a string otherwise; missing if it is empty.
    package var body: JSON?
    /// A value pattern for the body as a string.
    package var bodyText: JSON?
    /// `1.1` or `2`.
    package var version: String?
}

/// A comparison of an observed value.
package struct ValueComparison: Sendable, Codable, Equatable {
    package var kind: Kind
    package var operand: JSON
    /// The value that `rose-by` and `rose-by-at-most` count from.
    package var base: JSON?

    package enum Kind: String, Sendable, Codable {
        case equals
        case differs
        case atLeast = "at-least"
        case atMost = "at-most"
        case roseBy = "rose-by"
        case roseByAtMost = "rose-by-at-most"
    }
}
