import NIOCore

/// A value that lives on one event loop.
///
/// `@unchecked Sendable`: the value is made and used on the loop only, since `withValue` checks that it runs there and
/// `execute` hops there. It is let go of when nobody can reach it any more, so then it does not matter where.
final class LoopBound<Value>: @unchecked Sendable {
    private let eventLoop: any EventLoop
    private let make: @Sendable () -> Value
    private var made: Value?

    init(on eventLoop: any EventLoop, _ make: @escaping @Sendable () -> Value) {
        self.eventLoop = eventLoop
        self.make = make
    }

    /// Uses the value now; only on its loop.
    func withValue<Result>(_ body: (Value) throws -> Result) rethrows -> Result {
        self.eventLoop.preconditionInEventLoop()
        let value = self.made ?? self.make()
        self.made = value
        return try body(value)
    }

    /// Uses the value on its loop: before this returns if that is the loop we are on, else soon and in order.
    func execute(_ body: @escaping @Sendable (Value) -> Void) {
        if self.eventLoop.inEventLoop {
            self.withValue(body)
        } else {
            self.eventLoop.execute { self.withValue(body) }
        }
    }
}
