import ArgumentParser
import ConformanceKit
import Dispatch
import Foundation

/// `gqlconform null-server`: a server that does nothing, for trying the runner.
struct NullServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "null-server",
        abstract: "Run a server that does nothing and must pass nothing.",
        discussion: "Kinds: \(NullServer.Kind.allCases.map(\.rawValue).joined(separator: ", ")).")

    @Argument(
        help: "The kind.",
        transform: { text in
            guard let kind = NullServer.Kind(rawValue: text) else {
                throw ValidationError("There is no kind \(text).")
            }
            return kind
        })
    var kind: NullServer.Kind

    @Option(help: "The port on 127.0.0.1; 0 chooses a free one.")
    var port = 0

    func run() async throws {
        try await Console.reporting {
            let server = try await NullServer(self.kind, port: self.port)
            Console.print("null server \(self.kind.rawValue) listening on ws://127.0.0.1:\(server.port)/graphql")
            let interrupts = Interrupts()
            await interrupts.wait()
            await server.stop()
        }
    }
}
