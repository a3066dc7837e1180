import ArgumentParser
import Foundation
import GraphQLCore
import ReferenceDomains

/// Publishes events, as the mutations of the schema do and with the same checks.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish events of customers and of operations, given as options or as lines of JSON.",
        usage: """
            reference-server publish <event> --<field> <value> ... [server options]
            reference-server publish <event> [server options] < lines.jsonl
            """,
        discussion: """
            Events of customers: \(Self.customerEvents.map(\.key).joined(separator: ", ")). The fields are those of \
            the mutation's input, --customer-id among them, written like --signal-strength; objects are given as JSON.

            Events of operations: \(OperationsEventType.allCases.map(\.rawValue).joined(separator: ", ")). The fields \
            are those of the payload, such as --alert-id.

            Without any field, each line of standard input is one event as a JSON object, with names like \
            signal_strength; those of customers may also be written like signalStrength.

            Of the server's options, --redis-url, --redis-ca, --channel-prefix, --channel-layout and --default-tenant (whose \
            events they are) matter; their environment variables are read as well.

            Exit codes: 0 all were published, 64 wrong usage, 65 some line or field could not be used (the others were \
            published), 69 Redis cannot be reached.
            """)

    /// The kinds of events of customers, with the mutations that publish them.
    static let customerEvents: KeyValuePairs<String, String> = [
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
        let input = try Self.input(of: self.event)
        let (fields, options) = try input.split(self.rest)
        let settings = try Settings.read(options, environment: ProcessInfo.processInfo.environment)
        let name = self.event
        let code = try await EventPublication.run(settings, event: input) { publication in
            if fields.isEmpty {
                return try await Self.publishLines(publication, input, name)
            }
            do {
                print("published \(name) \(try await publication.publish(fields))")
                return 0
            } catch let error as EventPublication.Refused {
                Self.complain(error.description)
                return error.isOutage ? EX_UNAVAILABLE : EX_DATAERR
            }
        }
        guard code == 0 else { throw ExitCode(code) }
    }

    /// How an event of that name is written.
    ///
    /// - Throws: `Settings.UsageError` when there is none.
    private static func input(of name: String) throws -> any PublishableEvent {
        if let type = OperationsEventType(rawValue: name) { return OperationsInput(type: type) }
        if let mutation = self.customerEvents.first(where: { $0.key == name })?.value {
            return try EventInput(of: mutation)
        }
        let names = self.customerEvents.map(\.key) + OperationsEventType.allCases.map(\.rawValue)
        throw Settings.UsageError(
            description: "there is no event \"\(name)\", only \(names.joined(separator: ", "))")
    }

    /// Publishes each line of standard input as it comes.
    ///
    /// - Returns: The exit code.
    private static func publishLines(
        _ publication: EventPublication, _ input: any PublishableEvent, _ name: String
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
