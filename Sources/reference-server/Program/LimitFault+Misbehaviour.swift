import GraphQLCore
import SubscriptionProtocols

extension LimitFault {
    /// What the engine does wrong in a server that misbehaves; nil for what is no affair of its limits.
    init?(_ misbehaviour: Misbehaviour) {
        switch misbehaviour {
        case .queryLimitsOffByOne: self = .offByOne
        case .queryLimitsWithoutCode: self = .withoutCode
        case .queryLimitsAfterExecution: self = .refusesAfterExecution
        case .depthNotCountedInFragments: self = .depthSkipsFragments
        case .costCountsFragmentsOnce: self = .costCountsFragmentsOnce
        case .costIgnoresAliases: self = .costSkipsAliases
        case .costSparesSubscriptions: self = .costSparesSubscriptions
        default: return nil
        }
    }
}
