import SubscriptionProtocols

extension ServerContext {
    /// How a refused `connection_init` is closed.
    func close(for refusal: ConnectionRefusal) -> Close {
        guard self.misbehaviour == .refusalReasonTold else { return refusal.close }
        return Close(refusal.close.code, CloseReason(refusal.reason))
    }

    /// A request target as it may be logged.
    func logged(_ target: String) -> String {
        RedactedTarget.text(target)
    }
}
