import ArgumentParser
import Foundation
import GraphQLCore
import ReferenceDomains

/// Publishes events, as the mutations of the schema do and with the same checks.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish events of customers, given as options or as lines of JSON on standard input.",
        usage: """
            reference-server publish <event> --customer-id <id> [--<field> <value> ...] [server options]
            reference-server publish <event> [server options] < lines.jsonl
            """,
        discussion: """
            Events: \(Self.events.map(\.key).joined(separator: ", ")). The fields are those of the mutation's input, \
            written like --signal-strength; objects are given as JSON. Without any field, each line of standard input \
            is one event as a JSON object, with names like signal_strength or signalStrength.

            Of the server's options, --redis-url, --channel-prefix, --channel-layout and --default-tenant (whose \
            events they are) matter; their environment variables are read as well.

            Exit codes: 0 all were published, 64 wrong usage, 65 some line or field could not be used (the others were \
            published), 69 Redis cannot be reached.
            """)

    /// The kinds of events, with the mutations that publish them.
    static let events: KeyValuePairs<String, String> = [
        "network-status": CustomerEvent.networkStatus.mutation, "device": CustomerEvent.device.mutation,
        "ticket": CustomerEvent.ticket.mutation, "activity": CustomerEvent.activity.mutation,
        "note": CustomerEvent.note.mutation, "subscription": CustomerEvent.subscription.mutation,
        "billing": CustomerEvent.billing.mutation,
    ]

    @Argument(help: ArgumentHelp("What happened.", valueName: "event"))
    var event: String

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("Fields and server options.", valueName: "options"))
    var rest: [String] = []

    func run() async throws {
        guard let mutation = Self.events.first(where: { $0.key == self.event })?.value else {
            throw Settings.UsageError(
                description:
                    "there is no event \"\(self.event)\", only \(Self.events.map(\.key).joined(separator: ", "))")
        }
        let input = try EventInput(of: mutation)
        let (fields, options) = try input.split(self.rest)
        let settings = try Settings.read(options, environment: ProcessInfo.processInfo.environment)
        let name = self.event
        let code = try await EventPublication.run(settings, mutation: mutation, inputType: input.typeName) {
            publication in
            if fields.isEmpty {
                return try await Self.publishLines(publication, input, name)
            }
            do {
                let receivers = try await publication.publish(fields)
                print("published \(name) to \(receivers) server\(receivers == 1 ? "" : "s")")
                return 0
            } catch let error as EventPublication.Refused {
                Self.complain(error.description)
                return error.isOutage ? EX_UNAVAILABLE : EX_DATAERR
            }
        }
        guard code == 0 else { throw ExitCode(code) }
    }

    /// Publishes each line of standard input as it comes.
    ///
    /// - Returns: The exit code.
    private static func publishLines(
        _ publication: EventPublication, _ input: EventInput, _ name: String
    ) async throws -> Int32 {
        var (number, published, code) = (0, 0, Int32(0))
        while let line = readLine() {
            number += 1
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            do {
                _ = try await publication.publish(input.read(line: line))
                published += 1
            } catch let error as EventPublication.Refused {
                self.complain("line \(number): \(error)")
                guard !error.isOutage else { return EX_UNAVAILABLE }
                code = EX_DATAERR
            }
        }
        print("published \(published) \(name) event\(published == 1 ? "" : "s")")
        return code
    }

    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data("reference-server: \(text)\n".utf8))
    }
}
