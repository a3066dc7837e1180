import ArgumentParser

/// A load of WebSocket clients that speak graphql-transport-ws, written for measuring servers and for drills.
@main
struct Main: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "realtime-load", abstract: "Loads GraphQL servers with subscribers.",
        subcommands: [Bench.self, OutageDrill.self, ResetDrill.self, SlowDrill.self])
}
