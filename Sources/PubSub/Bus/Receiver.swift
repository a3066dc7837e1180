import Synchronization

/// A subscriber's closure and the switch that turns it off.
///
/// The switch is apart from the books of the bus, so that no event is delivered after `cancel()` even where the books
/// are brought up to date a moment later.
package final class Receiver: Sendable {
    private let receive: @Sendable (BusEvent) -> Void
    private let isOn = Atomic(true)

    package init(_ receive: @escaping @Sendable (BusEvent) -> Void) {
        self.receive = receive
    }

    /// Delivers an event unless `turnOff()` was called. To be called by one thread at a time.
    package func deliver(_ event: BusEvent) {
        if self.isOn.load(ordering: .acquiring) {
            self.receive(event)
        }
    }

    /// Ends delivery.
    package func turnOff() {
        self.isOn.store(false, ordering: .releasing)
    }
}
