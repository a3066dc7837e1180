import ReferenceDomains
import Synchronization
import Testing

@Suite("Timers of the system", .timeLimit(.minutes(1)))
struct DispatchTimersTests {
    @Test("Timers fire in the order in which they are due, not before, and not when they were cancelled")
    func fires() async {
        let timers = DispatchTimers()
        let (names, continuation) = AsyncStream.makeStream(of: String.self)
        let start = timers.now
        let cancelled = timers.schedule(after: .milliseconds(10)) { continuation.yield("cancelled") }
        _ = timers.schedule(after: .milliseconds(40)) {
            continuation.yield("late")
            continuation.finish()
        }
        _ = timers.schedule(after: .milliseconds(20)) { continuation.yield("early") }
        _ = timers.schedule(after: .seconds(-1)) { continuation.yield("at once") }
        cancelled.cancel()
        cancelled.cancel()
        #expect(await names.reduce(into: []) { $0.append($1) } == ["at once", "early", "late"])
        #expect(timers.now - start >= .milliseconds(40))
    }
}
