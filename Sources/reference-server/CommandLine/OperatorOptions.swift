import ArgumentParser

/// What operators need to watch and steer the server.
struct OperatorOptions: ParsableArguments {
    /// The names of all options, for the environment.
    static let names = ["admin-port", "admin-token-file", "config"]

    @Option(
        help: ArgumentHelp(
            """
            TCP port for operators, on the same address: /connections and /metrics; 0 takes a free one and prints it. \
            It needs a token file. (default: none)
            """, valueName: "0-65535"),
        transform: { try Settings.port($0) })
    var adminPort: Int?

    @Option(
        help: ArgumentHelp(
            "File with the token, of at least 16 characters, that requests to the operators' port bring. (default: none)",
            valueName: "file"))
    var adminTokenFile: String?

    @Option(
        help: ArgumentHelp(
            "File with limits, a line each: max-connections = 100. Read again on SIGHUP. (default: none)",
            valueName: "file"))
    var config: String?
}
