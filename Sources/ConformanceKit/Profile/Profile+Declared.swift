extension Profile {
    /// What the server promises beyond its endpoints and its stream. Everything is optional: what is missing is unknown.
    package struct Declared: Sendable, Equatable {
        /// How an event is made to happen, with everything that the profile says about it.
        package var emit: Emit?
        /// How a client says who it is.
        package var auth: Auth?
        /// How the server tells tenants apart.
        package var tenancy: Tenancy?
        /// By name, such as `subscriptions_per_connection`; waits are not among them.
        package var limits: [String: Limit] = [:]
        /// What is promised while Redis is gone.
        package var degrade: Degrade?
        /// How the server uses the channels of Redis.
        package var redisLayout: RedisLayout?
        /// The channels that belong to the server, as a pattern of Redis; `*` for all.
        package var redisPattern = "*"
        /// Certificates of `wss` and `https` endpoints.
        package var tls = TLS()
        /// Where the server can be looked into.
        package var probes = Probes()

        /// Nothing declared.
        package init() {}
    }

    /// How an event is made to happen. `{{topic}}`, `{{nonce}}` and `{{tenant}}` in any text stand for the event's own.
    package enum Emit: Sendable, Equatable {
        /// A mutation, by a client with the token of this subject (`nil`: without one).
        case mutation(document: String, variables: JSON, subject: String?, isOverHTTP: Bool)
        /// A request; `url` begins with `/` for the host of the `http` endpoint.
        case http(method: String, url: String, headers: [HTTPHeader], json: JSON, subject: String?)
        /// A message published on a channel of Redis.
        case redis(channel: String, message: String)
        /// A program and its arguments; an event counts as emitted when it returns 0.
        case command([String])
        /// The server emits by itself, once in so many nanoseconds.
        case ticker(every: UInt64)
    }

    /// Certificates of TLS endpoints.
    package struct TLS: Sendable, Equatable {
        /// A file with the certificates that are trusted (PEM); `nil` for those of the system.
        package var authorities: String?
        /// Whether the server's certificate has to be valid for its name.
        package var isVerified = true
        /// The name that is asked for and checked; `nil` for the host of the URL.
        package var serverName: String?
    }

    /// How the server uses the channels of Redis.
    package enum RedisLayout: String, Sendable, CaseIterable {
        case perSubscription = "per-subscription"
        case perTopic = "per-topic"
        case pattern, sharded, none
    }

    /// Where the server can be looked into.
    package struct Probes: Sendable, Equatable {
        /// The path (on the host of the `http` endpoint) or URL of metrics in the text form of Prometheus.
        package var metrics: String?
        /// What is measured, by name (`subscriptions`, `connections`), to the name of the metric.
        package var gauges: [String: String] = [:]
        /// The file with the process id of a server that the run did not start.
        package var processIDFile: String?
    }
}
