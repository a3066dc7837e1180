/// The permissions that the domains ask for, as they stand in a token's `permissions`.
package enum Permission {
    /// To publish events on behalf of systems, by mutations.
    package static let publishEvents = "events:publish"
}
