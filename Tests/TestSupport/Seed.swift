/// A small seeded generator (SplitMix64), so that a randomised test can be run again with the seed that it printed.
package struct SeededGenerator: RandomNumberGenerator {
    /// The seed that this generator was made with; print it in every randomised test.
    package let seed: UInt64
    private var state: UInt64

    /// A generator with the given seed, or with a fresh one.
    package init(seed: UInt64 = .random(in: .min ... .max)) {
        self.seed = seed
        self.state = seed
    }

    package mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
