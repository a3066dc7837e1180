/// The channel that a command to a node of a cluster is about.
enum ShardSubject: Sendable, Equatable {
    /// SSUBSCRIBE
    case subscribing([UInt8])
    /// SUNSUBSCRIBE
    case unsubscribing([UInt8])

    var channel: [UInt8] {
        switch self {
        case .subscribing(let channel), .unsubscribing(let channel): channel
        }
    }
}

/// What a reply on the link of a cluster's node that has subscriptions is.
///
/// A node that loses a slot ends the subscriptions of its channels by itself, with the words that answer SUNSUBSCRIBE.
/// So one that crosses a SUNSUBSCRIBE of ours is taken for its answer, and the answer proper, MOVED, comes later and
/// belongs to nothing.
enum ShardReply: Equatable {
    /// It answers the oldest command.
    case answer
    case message(channel: [UInt8], [UInt8])
    /// The node ended a subscription by itself.
    case taken(channel: [UInt8])
    /// It answers a command that is settled already.
    case stale

    /// - Parameter subject: What the oldest command that awaits an answer is about; nil when none does, or for a
    ///   command about no channel.
    init(_ reply: RESPReply, awaiting subject: ShardSubject?) {
        switch reply {
        case .array(let parts) where parts.count == 3:
            guard let kind = parts[0].asBytes, let channel = parts[1].asBytes else {
                self = .answer
                return
            }
            if kind.elementsEqual("smessage".utf8), let message = parts[2].asBytes {
                self = .message(channel: channel, message)
            } else if kind.elementsEqual("sunsubscribe".utf8), subject != .unsubscribing(channel) {
                self = .taken(channel: channel)
            } else {
                self = .answer
            }
        case .error(let text):
            guard case .moved(let slot, _) = Redirection(text) else {
                self = .answer
                return
            }
            self = subject.map { KeySlot.of($0.channel) } == slot ? .answer : .stale
        default:
            self = .answer
        }
    }
}
