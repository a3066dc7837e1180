/// The order in which cases start.
package enum CaseOrder {
    /// The cases shuffled by the seed: the same seed gives the same order, and another one shows whether cases disturb
    /// each other.
    package static func shuffled(_ cases: [ExpandedCase], seed: UInt64) -> [ExpandedCase] {
        var generator = Generator(state: seed)
        return cases.shuffled(using: &generator)
    }

    /// SplitMix64.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            self.state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = self.state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
