/// When a set of keys is asked for again: a value without clock and network.
///
/// Times are seconds of a clock that does not go back.
struct KeyRotation {
    /// From one attempt to the next, whatever asked for it and however it went.
    let minimumInterval: Double
    /// Age at which a set is asked for again although nothing is missing, so that keys which were withdrawn are not
    /// believed for ever.
    let maximumAge: Double
    private var lastAttempt: Double?
    private var lastSuccess: Double?

    init(minimumInterval: Double, maximumAge: Double) {
        self.minimumInterval = minimumInterval
        self.maximumAge = maximumAge
    }

    /// Whether the keys have to be asked for before they are used. If so, that is an attempt.
    mutating func isDue(at now: Double) -> Bool {
        if let lastSuccess = self.lastSuccess, now - lastSuccess < self.maximumAge { return false }
        return self.mayAsk(at: now)
    }

    /// Whether a name that is not known may make the keys be asked for. If so, that is an attempt.
    mutating func mayAsk(at now: Double) -> Bool {
        if let lastAttempt = self.lastAttempt, now - lastAttempt < self.minimumInterval { return false }
        self.lastAttempt = now
        return true
    }

    /// The attempt has brought a set.
    mutating func succeeded(at now: Double) {
        self.lastSuccess = now
    }
}
