import ArgumentParser

/// What the server does so that there is something to look at.
struct DemoOptions: ParsableArguments {
    /// The names of all options with values, for the environment.
    static let names = ["simulate"]
    /// The names of all flags, for the environment.
    static let flags = ["seed-data"]

    @Flag(help: "Put a few customers, services, tickets and documents into the state, unless they are there.")
    var seedData = false

    @Option(
        defaultAsFlag: UInt64(1),
        help: ArgumentHelp(
            "Make something happen every second; what, follows from the seed. (default seed: 1)", valueName: "seed"))
    var simulate: UInt64?
}
