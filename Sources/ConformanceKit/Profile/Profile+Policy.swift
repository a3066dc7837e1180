extension Profile {
    /// How the server tells tenants apart.
    package struct Tenancy: Sendable, Equatable {
        /// What names the tenant of a client.
        package var source: Source
        /// At least two, so that one can be kept from the other's events.
        package var tenants: [String]

        package enum Source: Sendable, Equatable {
            /// A dotted path inside the claims of the token.
            case claim(String)
            case header(String)
            /// An argument of the subscription; then the client itself chooses.
            case argument(String)
            case hostname
        }
    }

    /// A limit and what happens beyond it.
    package struct Limit: Sendable, Equatable {
        /// The highest number that is still allowed.
        package var value: Int
        /// Nanoseconds in which so many may happen; `nil` for what is counted at one time.
        package var window: UInt64?
        /// `nil` if the profile does not say.
        package var onExceed: OnExceed?
        /// `extensions.code` of the error.
        package var code: String?
        package var closeCode: Int?
        package var status: Int?
        /// Whether the refusal says when to try again.
        package var tellsRetryAfter: Bool?

        /// What happens to whatever is beyond a limit.
        package enum OnExceed: String, Sendable, CaseIterable {
            /// The operation is answered with an error; the connection lives on.
            case error
            /// The connection is closed.
            case close
            /// It is left out, and nothing says so.
            case drop
            /// The connection is not accepted.
            case reject
            /// It waits.
            case delay
        }
    }

    /// What is promised while Redis is gone.
    package struct Degrade: Sendable, Equatable {
        package var existingStreams: ExistingStreams?
        package var newSubscriptions: NewSubscriptions?
        package var events: Events?
        /// The close code of streams that are closed.
        package var closeCode: Int?
        /// `extensions.code` of the error for new subscriptions.
        package var code: String?
        /// The longest time, in nanoseconds, until the outage shows.
        package var within: UInt64?
        /// The path that answers 2xx while Redis is there and an error while it is gone.
        package var ready: String?
        /// The path that answers 2xx throughout.
        package var live: String?

        package enum ExistingStreams: String, Sendable, CaseIterable { case keep, close }
        package enum NewSubscriptions: String, Sendable, CaseIterable {
            case error, queue
            case rejectConnection = "reject-connection"
        }
        package enum Events: String, Sendable, CaseIterable { case lost, buffered }
    }
}
