import Glibc
import GraphQLCore

/// Times as text.
package enum Timestamp {
    /// The time now in UTC, to the millisecond: `2025-10-16T09:30:00.125Z`.
    @Sendable
    package static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return self.text(seconds: time.tv_sec, fraction: "." + self.padded(time.tv_nsec / 1_000_000, 3))
    }

    /// The time so many milliseconds after 1970-01-01T00:00:00Z.
    package static func text(millisecondsSince1970 milliseconds: Int) -> String {
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        return rest < 0
            ? self.text(seconds: seconds - 1, fraction: "." + self.padded(rest + 1000, 3))
            : self.text(seconds: seconds, fraction: "." + self.padded(rest, 3))
    }

    /// A time of RFC 3339 §5.6 with the same instant in UTC, its fraction of a second as it is written; nil for text of
    /// another form. A time without an offset is taken for UTC.
    package static func inUTC(_ text: String) -> String? {
        guard case .string(let complete)? = try? ScalarCoding.dateTime.serialize(.string(text)) else { return nil }
        // Checked now: the date and time are ASCII of fixed width, then a fraction, then `Z` or `±hh:mm`.
        let bytes = Array(complete.utf8)
        guard bytes.last != UInt8(ascii: "Z") else { return complete }
        func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1) - 0x30 } }
        let end = bytes.count - 6
        let offset = (number(end + 1..<end + 3) * 60 + number(end + 4..<end + 6)) * 60
        var parts = tm()
        parts.tm_year = Int32(number(0..<4) - 1900)
        parts.tm_mon = Int32(number(5..<7) - 1)
        parts.tm_mday = Int32(number(8..<10))
        parts.tm_hour = Int32(number(11..<13))
        parts.tm_min = Int32(number(14..<16))
        parts.tm_sec = Int32(number(17..<19))
        let seconds = timegm(&parts) - (bytes[end] == UInt8(ascii: "+") ? offset : -offset)
        return self.text(seconds: seconds, fraction: String(decoding: bytes[19..<end], as: UTF8.self))
    }

    private static func text(seconds: Int, fraction: String) -> String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let date =
            "\(self.padded(parts.tm_year + 1900, 4))-\(self.padded(parts.tm_mon + 1, 2))-\(self.padded(parts.tm_mday, 2))"
        let time = "\(self.padded(parts.tm_hour, 2)):\(self.padded(parts.tm_min, 2)):\(self.padded(parts.tm_sec, 2))"
        return "\(date)T\(time)\(fraction)Z"
    }

    private static func padded(_ number: some BinaryInteger, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
