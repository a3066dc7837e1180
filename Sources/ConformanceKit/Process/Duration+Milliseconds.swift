extension Duration {
    /// The number of whole milliseconds, rounded towards zero and kept within `Int`.
    package var wholeMilliseconds: Int {
        let (seconds, attoseconds) = self.components
        let (product, overflow) = Int(seconds).multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        return product + Int(attoseconds / 1_000_000_000_000_000)
    }

    /// The length in seconds, for reports.
    package var inSeconds: Double {
        let (seconds, attoseconds) = self.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
