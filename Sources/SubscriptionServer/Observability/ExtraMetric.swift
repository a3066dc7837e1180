/// A metric of something that the server itself knows nothing of, such as its broker.
package struct ExtraMetric: Sendable {
    /// What Prometheus is told of it.
    package enum Kind: String, Sendable {
        case gauge
        case counter
    }

    /// Without the prefix of all names.
    package let name: String
    package let kind: Kind
    /// What it is, in one sentence.
    package let help: String
    /// The name of its one label.
    package let label: String
    /// Read for each request of the metrics, so it must not block. Label values are few and do not grow.
    package let values: @Sendable () -> [(label: String, count: Int)]

    package init(
        _ name: String, _ kind: Kind, _ help: String, by label: String,
        values: @escaping @Sendable () -> [(label: String, count: Int)]
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.label = label
        self.values = values
    }
}
