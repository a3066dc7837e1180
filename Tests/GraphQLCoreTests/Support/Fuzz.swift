import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Feeds a test with random input for a while.
enum Fuzz {
    /// How long to go on, in seconds: `GRAPHQL_FUZZ_SECONDS`, or else 2.
    private static var time: Duration {
        .seconds(getenv("GRAPHQL_FUZZ_SECONDS").flatMap { Int(String(cString: $0)) } ?? 2)
    }

    /// Calls `round` until the time is over. `GRAPHQL_FUZZ_SEED` plays the printed seed of another run again.
    static func run(_ name: String, _ round: (inout SeededGenerator) throws -> Void) rethrows {
        var random =
            getenv("GRAPHQL_FUZZ_SEED").flatMap { UInt64(String(cString: $0)) }.map { SeededGenerator(seed: $0) }
            ?? SeededGenerator()
        print("\(name): seed \(random.seed)")
        let clock = ContinuousClock()
        let end = clock.now + Self.time
        var rounds = 0
        while clock.now < end {
            try round(&random)
            rounds += 1
        }
        print("\(name): \(rounds) rounds")
    }
}
