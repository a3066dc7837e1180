import ArgumentParser
import ConformanceKit
import Foundation
import RealtimeClient

/// Prints events as they come, and stays connected.
struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Print events of a server as they come, connecting again when the connection is lost.",
        discussion: """
            With --query it subscribes in GraphQL: over graphql-transport-ws for a ws URL, over server-sent events for an \
            http URL. Without, it reads the plain stream at the URL. On a terminal events are printed for people, \
            elsewhere as one JSON object a line; what happens to the connection goes to standard error.

            A token is read from --token-file or from GQLCONFORM_TOKEN in the environment, never from the command line, \
            where every user of the machine could read it.

              gqlconform watch ws://127.0.0.1:4000/graphql --query 'subscription { count(to: 3, ms: 500) }'
              gqlconform watch http://127.0.0.1:4000/api/v1/realtime/alerts --event alert.raised

            Exit codes: 0 told to stop, or the server completed, or --count or --for was reached; 1 the server refused or \
            ended with an error, or every attempt to connect failed; 64 wrong usage.
            """)

    @Argument(help: "The address: ws, wss, http or https.")
    var url: String

    @Option(help: "A GraphQL subscription.")
    var query: String?

    @Option(help: ArgumentHelp("Its variables, a JSON object.", valueName: "json"))
    var variables: String?

    @Option(
        help: ArgumentHelp(
            "How to speak: transport-ws, legacy-ws or sse with --query; socket or stream without.", valueName: "name"))
    var transport: WatchTransport?

    @Option(help: ArgumentHelp("A file that holds the token.", valueName: "file"))
    var tokenFile: String?

    @Option(
        help: ArgumentHelp(
            "Where the token goes: header, query, cookie, or init (payload of connection_init).", valueName: "place"),
        transform: WatchCommand.tokenPlace)
    var tokenPlace: RealtimeClient.TokenPlace?

    @Option(help: ArgumentHelp("Print only events of this type; may be repeated.", valueName: "type"))
    var event: [String] = []

    @Option(help: "Stop after so many events.")
    var count: Int?

    @Option(
        name: .customLong("for"), help: ArgumentHelp("Stop after this time, such as 10s.", valueName: "duration"),
        transform: WatchCommand.duration)
    var limit: Duration?

    @Option(help: "Attempts to connect again before giving up; 0 for no end.")
    var attempts = 10

    @Option(
        help: ArgumentHelp(
            "Time between heartbeats; one that is not answered ends the connection. (default: 30s)",
            valueName: "duration"), transform: WatchCommand.duration)
    var heartbeat: Duration = .seconds(30)

    @Option(help: ArgumentHelp("Trust these certificate authorities (PEM).", valueName: "file"))
    var cafile: String?

    @Flag(help: "Print JSON lines on a terminal, too.")
    var json = false

    func run() async throws {
        let client: RealtimeClient
        do {
            client = try RealtimeClient(try self.clientConfiguration())
        } catch let error as RealtimeClient.Unusable {
            throw ValidationError(error.description)
        }
        let printer = WatchPrinter(
            types: Set(self.event), isPretty: Console.isTerminal && !self.json, attempts: self.attempts)
        throw ExitCode(await Self.watch(client, printer, count: self.count, limit: self.limit))
    }

    /// - Returns: The exit code.
    private static func watch(
        _ client: RealtimeClient, _ printer: WatchPrinter, count: Int?, limit: Duration?
    ) async -> Int32 {
        let (endings, ended) = AsyncStream.makeStream(of: Int32.self)
        let counter = WatchCounter(limit: count)
        _ = client.on("*") { event in
            guard printer.wants(event), counter.takesOne() else { return }
            printer.print(event)
            if counter.isDone { ended.yield(0) }
        }
        client.onState { state in
            printer.print(state)
            switch state {
            case .disconnected: ended.yield(0)
            case .error: ended.yield(1)
            case .connecting, .connected, .reconnecting: break
            }
        }
        let interrupts = Interrupts()
        return await withTaskGroup(of: Int32?.self) { group in
            group.addTask {
                for await code in endings { return code }
                return nil
            }
            group.addTask {
                await interrupts.wait()
                return 0
            }
            if let limit {
                group.addTask { (try? await ContinuousClock().sleep(for: limit)).map { 0 } }
            }
            client.start()
            defer {
                client.close()
                group.cancelAll()
            }
            while let code = await group.next() {
                if let code { return code }
            }
            return 0
        }
    }

    private func clientConfiguration() throws -> RealtimeClient.Configuration {
        var configuration = RealtimeClient.Configuration(
            url: self.url, speech: try self.speech(), token: try self.token())
        configuration.tokenPlace = self.tokenPlace
        configuration.backoff.attempts = self.attempts == 0 ? nil : self.attempts
        configuration.heartbeat = self.heartbeat
        configuration.trustedCertificates = self.cafile
        return configuration
    }

    private func speech() throws -> RealtimeClient.Speech {
        let isSocket = self.url.lowercased().hasPrefix("ws")
        guard let query else {
            guard self.variables == nil else { throw ValidationError("--variables needs --query") }
            switch self.transport ?? (isSocket ? .socket : .stream) {
            case .socket: return .socket
            case .stream: return .eventStream
            case let other: throw ValidationError("--transport \(other.rawValue) needs --query")
            }
        }
        if let variables, PayloadValue(text: variables).map({ if case .members = $0 { true } else { false } }) != true {
            throw ValidationError("--variables must be a JSON object, such as '{\"id\": \"42\"}'")
        }
        let operation = GraphQLOperation(query: query, variables: self.variables)
        switch self.transport ?? (isSocket ? .transportWS : .sse) {
        case .transportWS: return .transportWS(operation)
        case .legacyWS: return .legacyWS(operation)
        case .sse: return .graphQLStream(operation)
        case let other: throw ValidationError("--transport \(other.rawValue) takes no --query")
        }
    }

    private func token() throws -> String? {
        guard let tokenFile else { return ProcessInfo.processInfo.environment["GQLCONFORM_TOKEN"] }
        guard let text = try? String(contentsOfFile: tokenFile, encoding: .utf8) else {
            throw ValidationError("--token-file: \(tokenFile) cannot be read")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func tokenPlace(_ text: String) throws -> RealtimeClient.TokenPlace {
        guard let place = RealtimeClient.TokenPlace(rawValue: text) else {
            let places = RealtimeClient.TokenPlace.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\"\(text)\" is none of \(places)")
        }
        return place
    }

    private static func duration(_ text: String) throws -> Duration {
        let units: [(suffix: String, seconds: Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)]
        guard let unit = units.first(where: { text.hasSuffix($0.suffix) }),
            let number = Double(text.dropLast(unit.suffix.count)), number > 0, number < 1e9
        else {
            throw ValidationError("\"\(text)\" is no duration; write it like 500ms, 10s or 2m")
        }
        return .seconds(number * unit.seconds)
    }
}

/// The ways to speak, as profiles name them.
enum WatchTransport: String, ExpressibleByArgument, CaseIterable {
    case transportWS = "transport-ws"
    case legacyWS = "legacy-ws"
    case sse
    case socket
    case stream
}
