/// Keys that somebody publishes and changes from time to time, such as those at a JWKS address.
///
/// They are asked for when first needed, when a token names a key that is not among them, and when they have grown old;
/// at most once in an interval, and by one at a time: others wait for the same answer. While the source is away the
/// keys that were there stay valid.
package actor RotatingKeys: KeySource {
    /// Brings the set; has a deadline of its own.
    package typealias Fetch = @Sendable () async throws -> KeySet

    private let fetch: Fetch
    private let now: @Sendable () -> Double
    private let onFailure: @Sendable (any Error) -> Void
    private var rotation: KeyRotation
    private var set: KeySet?
    private var attempt: Task<KeySet?, Never>?

    /// - Parameters:
    ///   - minimumInterval: Seconds between two attempts.
    ///   - maximumAge: Seconds after which keys are asked for again although none is missing.
    ///   - now: Seconds of a clock that does not go back.
    ///   - onFailure: Told of each attempt that failed.
    package init(
        minimumInterval: Double = 30, maximumAge: Double = 600, now: @escaping @Sendable () -> Double,
        onFailure: @escaping @Sendable (any Error) -> Void = { _ in }, fetch: @escaping Fetch
    ) {
        self.rotation = KeyRotation(minimumInterval: minimumInterval, maximumAge: maximumAge)
        self.now = now
        self.onFailure = onFailure
        self.fetch = fetch
    }

    package func keys() async throws(UnusableKey) -> KeySet {
        if self.attempt != nil, self.set == nil {
            _ = await self.ask()
        } else if self.rotation.isDue(at: self.now()) {
            _ = await self.ask()
        }
        guard let set = self.set else { throw UnusableKey(reason: "the keys could not be fetched") }
        return set
    }

    package func newerKeys() async -> KeySet? {
        if self.attempt == nil {
            guard self.rotation.mayAsk(at: self.now()) else { return nil }
        }
        return await self.ask()
    }

    /// The outcome of the attempt under way, or of a new one. Nil when it failed.
    private func ask() async -> KeySet? {
        if let attempt = self.attempt { return await attempt.value }
        // Belongs to all that wait, so it outlives the one that began it; `fetch` ends it in time.
        let attempt = Task { () -> KeySet? in
            defer { self.attempt = nil }
            do {
                let set = try await self.fetch()
                self.set = set
                self.rotation.succeeded(at: self.now())
                return set
            } catch {
                self.onFailure(error)
                return nil
            }
        }
        self.attempt = attempt
        return await attempt.value
    }
}
