/// Something that the server needs in order to be of use, such as its message bus.
package struct ReadinessProbe: Sendable {
    /// What is probed; a short name.
    package let name: String
    /// Nil when all is well, else what is wrong in a few words. Called for each request of `/health/ready`, so it must
    /// not block.
    package let problem: @Sendable () -> String?

    package init(_ name: String, problem: @escaping @Sendable () -> String?) {
        self.name = name
        self.problem = problem
    }
}
