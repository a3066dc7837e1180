/// The response to an operation or event (GraphQL §7.1), encoded.
package struct ExecutionResult: Sendable {
    /// `{"data":…}`, or `{"errors":[…],"data":…}` when a field failed: JSON in UTF-8, in the order of the selection.
    package let body: [UInt8]
    /// The field errors, in the order in which they happened; empty when all went well.
    package let errors: [GraphQLError]
    /// Whether the running task was cancelled, so that `data` is null for want of time; nobody should want it.
    package let wasCancelled: Bool

    /// A result of the given parts.
    package init(body: [UInt8], errors: [GraphQLError] = [], wasCancelled: Bool = false) {
        self.body = body
        self.errors = errors
        self.wasCancelled = wasCancelled
    }
}

/// Why a request, or the source stream of a subscription, was refused before execution began (GraphQL §7.1.2,
/// "Request errors").
package struct RequestError: Error, Sendable, Equatable {
    /// At which step.
    package enum Step: Sendable, Hashable {
        /// The document exceeds a limit of the engine.
        case limits
        /// The document is not GraphQL.
        case syntax
        /// The document breaks a rule of §5.
        case validation
        /// The operation to run cannot be told (§6.1).
        case operation
        /// A variable has no or an unfit value (§6.1.2).
        case variables
        /// The source stream could not be created (§6.2.3.1).
        case source
    }

    /// Where it failed.
    package let step: Step
    /// What is wrong; at least one.
    package let errors: [GraphQLError]

    /// An error of one step; `errors` must not be empty.
    package init(_ step: Step, _ errors: [GraphQLError]) {
        self.step = step
        self.errors = errors
    }
}
