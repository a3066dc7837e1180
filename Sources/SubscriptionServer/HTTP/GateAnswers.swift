import GraphQLCore
import Logging
import NIOHTTP1
import SubscriptionProtocols

// What clients over HTTP are told whom the gate does not let in.
extension HTTPOperations {
    /// The refusal for what the gate threw.
    func refusal(for error: any Error) -> HTTPRefusal {
        guard let refusal = error as? ConnectionRefusal else {
            if !(error is CancellationError) {
                self.logger.record(.connectionDecisionFailed(error: "\(error)"))
            }
            return HTTPRefusal(.internalServerError, "Internal server error")
        }
        self.logger.record(.connectionRefused(reason: refusal.reason))
        return HTTPRefusal(refusal, misbehaviour: self.configuration.testMode?.misbehaviour)
    }
}

extension HTTPRefusal {
    /// What a client is told whom the gate refused.
    init(_ refusal: ConnectionRefusal, misbehaviour: Misbehaviour?) {
        self.init(refusal.status, "", fields: misbehaviour == .challengeMissing ? [] : refusal.fields)
        self.error = refusal.error
        if misbehaviour == .refusalReasonTold {
            self.error.message += " (\(refusal.reason))"
        }
    }
}
