/// The Sentinels that watch one primary and its replicas.
struct SentinelGroup: Sendable, Hashable {
    /// What they call the primary.
    let service: String
    /// Where they listen, at least one.
    let endpoints: [RedisEndpoint]
}
