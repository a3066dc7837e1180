/// The condition did not come true in time.
package struct NeverHappened: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) {
        self.description = description
    }
}

/// Asks again and again until the condition holds, for what another process does and does not report.
///
/// Not for our own state: that is awaited by an event.
///
/// - Throws: `NeverHappened` after `limit`; whatever the condition throws, at once.
package func eventually(
    _ what: String,
    within limit: Duration = .seconds(10),
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while !(try await condition()) {
        guard clock.now < end else { throw NeverHappened(description: "\(what): not within \(limit)") }
        try await clock.sleep(for: .milliseconds(10))
    }
}
