/// A mistake in how the limits of documents are applied: only a server that is to be caught at it makes one.
package enum LimitFault: Sendable, Hashable {
    /// One level and one field more pass than the limits say.
    case offByOne
    /// What is refused for its depth or cost has no code.
    case withoutCode
    /// Fields in named fragments have no depth.
    case depthSkipsFragments
    /// Fields in a named fragment are counted at its first use only.
    case costCountsFragmentsOnce
    /// Fields with an alias are not counted.
    case costSkipsAliases
    /// Subscriptions may cost anything.
    case costSparesSubscriptions
    /// Queries and mutations beyond a limit are executed before they are refused.
    case refusesAfterExecution
}
