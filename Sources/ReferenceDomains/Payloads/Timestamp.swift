import Glibc

/// Times as text.
package enum Timestamp {
    /// The time now in UTC, to the millisecond: `2025-10-16T09:30:00.125Z`.
    @Sendable
    package static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return self.text(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
    }

    /// The time so long after 1970-01-01T00:00:00Z.
    static func text(seconds: Int, milliseconds: Int) -> String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: some BinaryInteger, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date = "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
        let time = "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
        return "\(date)T\(time).\(padded(milliseconds, 3))Z"
    }
}
