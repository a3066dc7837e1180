/// Makes a token.
package struct MintArguments: Sendable {
    package var name: String
    package var kind: TokenKind
    /// Nil for the profile's default subject.
    package var subject: String?
    /// Nil for the subject's own.
    package var tenant: String?
    /// Seconds; nil for the recipe's own.
    package var lifetime: Int?
    package var claims: [JSON.Member]
    package var without: [String]
    package var header: [JSON.Member]
}

/// Emits events in the background.
package struct EmitterArguments: Sendable {
    package var emit: EmitArguments
    /// Nanoseconds from one event to the next.
    package var interval: UInt64
}

/// What a fault does, and to what.
package struct FaultArguments: Sendable, Equatable {
    package var name: String
    package var target: FaultTarget
    package var effect: FaultEffect
    /// Nanoseconds that it lasts at least; nil until it is healed.
    package var duration: UInt64?
}

/// What a fault can hit.
package enum FaultTarget: String, Sendable, Codable, CaseIterable {
    /// The Redis behind the server.
    case redis
    /// The connections of the scenario that were opened with `via: link`.
    case link
    /// The process of the server.
    case server
}

/// What a fault does, named by what can be seen of it.
package enum FaultEffect: Sendable, Equatable {
    /// The process is ended; what it knew is lost unless its data is kept.
    case kill(keepsData: Bool)
    /// The process stands still: connections open, and nobody answers.
    case hang
    /// The process is asked to end in order (SIGTERM).
    case stop
    /// Connections are refused, and those there are end.
    case refuse
    /// Those there are end with RST; new ones work.
    case reset
    /// Nothing gets through, in either direction or in one.
    case blackhole(Direction)
    /// So many of a hundred packets get lost; TCP sends them again.
    case loss(percent: Int, Direction)
    /// The container is taken off its networks, and put back under its names.
    case disconnect
    /// The container may take so many bytes of memory more than it has.
    case memory(bytes: Int)
    /// Every piece waits for so many nanoseconds, and a random part of `jitter` more.
    case latency(UInt64, jitter: UInt64, Direction)
    /// So many bytes a second.
    case throttle(bytesPerSecond: Int, Direction)
    /// Pieces of at most so many bytes.
    case slice(bytes: Int, Direction)
    /// Cut after so many bytes.
    case cut(afterBytes: Int, Direction)
    /// Redis ends every connection that has subscriptions.
    case dropPubSub
    /// Redis answers nobody for the fault's duration.
    case pause

    package enum Direction: String, Sendable, CaseIterable {
        /// From the client on.
        case up
        /// To the client.
        case down
        case both
    }

    /// Whether the process has to be started again afterwards.
    var endsProcess: Bool {
        switch self {
        case .kill, .stop: true
        default: false
        }
    }

    /// The word in scenarios.
    package var word: String {
        switch self {
        case .kill: "kill"
        case .hang: "hang"
        case .stop: "stop"
        case .refuse: "refuse"
        case .reset: "reset"
        case .blackhole: "blackhole"
        case .loss: "loss"
        case .disconnect: "disconnect"
        case .memory: "memory"
        case .latency: "latency"
        case .throttle: "throttle"
        case .slice: "slice"
        case .cut: "cut"
        case .dropPubSub: "drop-pubsub"
        case .pause: "pause"
        }
    }

    package static let words = [
        "kill", "hang", "stop", "refuse", "reset", "blackhole", "latency", "throttle", "slice", "cut", "drop-pubsub",
        "pause", "loss", "disconnect", "memory",
    ]
}

/// Until when a step waits.
package enum WaitArguments: Sendable {
    /// Nanoseconds.
    case elapsed(UInt64)
    /// Until a minted token has expired, and so many nanoseconds more.
    case expiry(token: String, plus: UInt64)
    /// Until so many events of a name have been emitted with success.
    case emitted(name: String, atLeast: Int, within: UInt64)
}

/// For how long something has to hold.
package enum Span: Sendable {
    /// Nanoseconds.
    case duration(UInt64)
    /// As long as a fault lasts.
    case fault(String)
}

/// A call of a fragment.
package struct FragmentUse: Sendable {
    package var name: String
    package var arguments: [(name: String, value: JSON)]
}
