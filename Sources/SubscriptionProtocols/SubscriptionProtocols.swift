// SubscriptionProtocols
