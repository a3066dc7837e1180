import Synchronization

/// A place that was taken below a limit. It is given back exactly once: by the first `release`, or when the last
/// reference goes.
package final class LimitLease: Sendable {
    /// No place at all.
    package static let none = LimitLease(nil)

    /// What is to be given back. Every connection and operation holds a few leases, so the usual ones are kept without
    /// closures and lists of their own.
    private enum Held {
        case nothing
        case action(@Sendable () -> Void)
        case places(LocalPlaces, of: LimitKeeper)
    }

    private let held: Mutex<Held>

    /// - Parameter giveBack: called at most once, from any thread; must not block.
    package init(_ giveBack: (@Sendable () -> Void)?) {
        self.held = Mutex(giveBack.map { .action($0) } ?? .nothing)
    }

    /// Places that are counted in this process.
    init(_ places: LocalPlaces, of keeper: LimitKeeper) {
        self.held = Mutex(.places(places, of: keeper))
    }

    deinit {
        self.release()
    }

    /// Gives the place back; at once for this process. Any call but the first does nothing.
    package func release() {
        let held = self.held.withLock { held in
            defer { held = .nothing }
            return held
        }
        switch held {
        case .nothing: break
        case .action(let giveBack): giveBack()
        case .places(let places, let keeper): keeper.released(places)
        }
    }
}
