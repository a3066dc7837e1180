/// What the domains do wrong on purpose, in a server that is to be caught at it. Nothing but the program's test mode
/// makes one that is not empty.
package struct DomainFaults: OptionSet, Sendable, Hashable {
    package let rawValue: UInt

    package init(rawValue: UInt) {
        self.rawValue = rawValue
    }

    /// Messages of other tenants are delivered too when they come on a channel that one listens to.
    package static let deliveryUnchecked = DomainFaults(rawValue: 1 << 0)
    /// What belongs to another tenant is refused in other words than what does not exist.
    package static let existenceTold = DomainFaults(rawValue: 1 << 2)
    /// A tenant that a client names in an argument is taken for its own.
    package static let tenantFromArgument = DomainFaults(rawValue: 1 << 1)
}
