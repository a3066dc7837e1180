/// An operation that is ready to run: parsed, validated, selected, compiled, and given its variables.
package struct PreparedOperation: Sendable {
    /// Query, mutation or subscription.
    package var kind: OperationKind { self.compiled.kind }
    /// The name of the operation in the document; nil for an anonymous one.
    package var operationName: String? { self.compiled.name }
    /// Equal for requests that ask for the same: the same operation of the same document with equal variables.
    package var sharingKey: SharingKey { SharingKey(compiled: self.compiled, variables: self.variables) }
    /// The names in the schema of the root fields, in the order of the response.
    package var rootFieldNames: [String] { self.root.fields.map(\.name) }
    /// The coerced variables, in the order of their definitions; those without a value are absent.
    package let variables: JSONObject

    let compiled: CompiledOperation
    let root: ObjectPlan

    /// See `PreparedOperation.sharingKey`. Keys keep their operation alive, so equal keys never mean different ones.
    package struct SharingKey: Hashable, Sendable {
        private let compiled: CompiledOperation
        private let variables: JSONObject

        init(compiled: CompiledOperation, variables: JSONObject) {
            self.compiled = compiled
            self.variables = variables
        }

        package static func == (left: SharingKey, right: SharingKey) -> Bool {
            left.compiled === right.compiled && left.variables == right.variables
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(ObjectIdentifier(self.compiled))
            hasher.combine(self.variables)
        }
    }
}
