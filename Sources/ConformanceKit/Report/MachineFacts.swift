import Foundation

extension RunReport.Machine {
    /// The machine that this process runs on.
    package static func current() -> RunReport.Machine {
        var names = utsname()
        uname(&names)
        func text<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) { bytes in String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return RunReport.Machine(
            system: "\(text(names.sysname)) \(text(names.release)) \(text(names.machine))",
            processors: ProcessInfo.processInfo.activeProcessorCount,
            memoryBytes: ProcessInfo.processInfo.physicalMemory)
    }
}

/// Times as reports write them.
package enum Timestamp {
    /// Now, ISO 8601 in UTC with whole seconds: `2026-02-03T04:05:06Z`.
    package static func now() -> String { self.text(time(nil)) }

    /// Now as the name of a folder: `20260203-040506`.
    package static func folderName() -> String {
        String(self.now().filter { $0.isNumber || $0 == "T" }.map { $0 == "T" ? "-" : $0 })
    }

    static func text(_ seconds: time_t) -> String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : String(number) }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
            + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }
}
