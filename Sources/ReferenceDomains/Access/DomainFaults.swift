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
    /// What an id must not contain is left out of it.
    package static let idsCleaned = DomainFaults(rawValue: 1 << 3)

    // Of the systems; what each does wrong is said where it is asked for.
    package static let customerOwnerUnchecked = DomainFaults(rawValue: 1 << 8)
    package static let customerBadMessageEnds = DomainFaults(rawValue: 1 << 9)
    package static let customerPublishUnchecked = DomainFaults(rawValue: 1 << 10)
    package static let serviceFilterIgnored = DomainFaults(rawValue: 1 << 11)
    package static let serviceFailurePublished = DomainFaults(rawValue: 1 << 12)
    package static let serviceDeletionUntold = DomainFaults(rawValue: 1 << 13)
    package static let ticketFilterIgnored = DomainFaults(rawValue: 1 << 14)
    package static let ticketVisibilityIgnored = DomainFaults(rawValue: 1 << 15)
    package static let ticketTeamOpen = DomainFaults(rawValue: 1 << 16)
    package static let ticketDeletedGoesOn = DomainFaults(rawValue: 1 << 17)
    package static let documentDeletionUntold = DomainFaults(rawValue: 1 << 18)
    package static let queryNeverCompletes = DomainFaults(rawValue: 1 << 19)
    package static let queryFailureCompletes = DomainFaults(rawValue: 1 << 20)
    package static let chatSessionIgnored = DomainFaults(rawValue: 1 << 21)
    package static let operationsResumeIgnored = DomainFaults(rawValue: 1 << 22)
    package static let operationsTypesIgnored = DomainFaults(rawValue: 1 << 23)
    package static let operationsHeartbeatMissing = DomainFaults(rawValue: 1 << 24)
    package static let operationsCommandUnchecked = DomainFaults(rawValue: 1 << 25)
    package static let operationsJobsMixed = DomainFaults(rawValue: 1 << 26)
    package static let operationsCommandUnanswered = DomainFaults(rawValue: 1 << 27)
}
