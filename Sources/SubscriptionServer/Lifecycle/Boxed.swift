/// A value out of line, for where most objects have none and each would have to keep room for it.
final class Boxed<Value: Sendable>: Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}
