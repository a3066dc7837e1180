/// What a subscriber of a channel is told, in order.
package enum BusEvent: Sendable {
    /// A message that was published on the channel.
    case message([UInt8])
    /// The link to the broker is lost. The subscription stays; what is published from here on is not seen.
    case interrupted
    /// The broker has confirmed the channel again. Messages since `interrupted` are lost for good.
    case resumed
    /// The subscription is over and nothing follows: the bus was shut down, or the broker no longer allows the channel.
    case ended(any Error)
}
