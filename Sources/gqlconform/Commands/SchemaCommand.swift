import ArgumentParser
import ConformanceKit

/// `gqlconform schema`: the forms of the files.
struct SchemaCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of scenario files, profiles or report.json.")

    @Argument(help: "scenario, profile or report.")
    var kind: String

    func run() async throws {
        try await Console.reporting {
            guard let schema = PublishedSchema(rawValue: self.kind) else {
                throw UsageError(
                    message: "There is no schema \(self.kind): one of "
                        + PublishedSchema.allCases.map(\.rawValue).joined(separator: ", ") + ".")
            }
            Console.write(schema.text)
        }
    }
}
