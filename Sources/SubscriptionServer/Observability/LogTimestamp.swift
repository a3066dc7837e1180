import Glibc

/// The time of a log line, in UTC with milliseconds (RFC 3339).
enum LogTimestamp {
    /// A time to be written later, if at all: milliseconds since 1970-01-01T00:00:00Z.
    struct Moment: Sendable {
        private let milliseconds: Int

        /// The present, by the clock of the system.
        init() {
            var time = timespec()
            clock_gettime(CLOCK_REALTIME, &time)
            self.milliseconds = time.tv_sec * 1000 + time.tv_nsec / 1_000_000
        }

        var text: String {
            LogTimestamp.text(seconds: self.milliseconds / 1000, milliseconds: self.milliseconds % 1000)
        }
    }

    /// The present, by the clock of the system.
    static func now() -> String { Moment().text }

    /// - Parameter seconds: since 1970-01-01T00:00:00Z; not negative.
    static func text(seconds: Int, milliseconds: Int) -> String {
        let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = self.date(days: days)
        let date = "\(self.padded(year, 4))-\(self.padded(month, 2))-\(self.padded(day, 2))"
        let time = "\(self.padded(rest / 3600, 2)):\(self.padded(rest / 60 % 60, 2)):\(self.padded(rest % 60, 2))"
        return "\(date)T\(time).\(self.padded(milliseconds, 3))Z"
    }

    /// The date in the Gregorian calendar. Years are counted from March, so that the leap day is the last.
    private static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        // Day 0 is 0000-03-01; 400 years have 146,097 days.
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
