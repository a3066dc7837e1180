import Glibc

/// What the kernel says about a process (proc(5)).
package struct ProcessFacts: Sendable, Equatable {
    /// Resident memory in bytes.
    package var memory: Int
    package var threads: Int
    package var descriptors: Int
    /// Processor time so far in milliseconds, user and system.
    package var processorTime: Int
}

/// Looks at a local process.
package enum ProcessProbe {
    /// Nil if there is no such process, or it may not be looked at.
    package static func look(at processID: Int32) -> ProcessFacts? {
        guard let stat = self.contents(of: "/proc/\(processID)/stat") else { return nil }
        return self.facts(
            stat: stat, descriptors: self.entries(of: "/proc/\(processID)/fd") ?? 0,
            pageSize: Int(sysconf(Int32(_SC_PAGESIZE))), ticksPerSecond: Int(sysconf(Int32(_SC_CLK_TCK))))
    }

    /// Reads the text of `/proc/PID/stat`. The name stands in parentheses and may hold anything, parentheses too.
    static func facts(stat: String, descriptors: Int, pageSize: Int, ticksPerSecond: Int) -> ProcessFacts? {
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(whereSeparator: \.isWhitespace)
        // The first of these is the third of the manual: 14 and 15 are the times, 20 the threads, 24 the pages.
        guard fields.count > 21, let user = Int(fields[11]), let system = Int(fields[12]),
            let threads = Int(fields[17]), let pages = Int(fields[21])
        else { return nil }
        return ProcessFacts(
            memory: pages * pageSize, threads: threads, descriptors: descriptors,
            processorTime: (user + system) * 1_000 / max(1, ticksPerSecond))
    }

    static func contents(of path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
    }

    private static func entries(of path: String) -> Int? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            let first = entry.pointee.d_name.0
            if first != CChar(UInt8(ascii: ".")) { count += 1 }
        }
        return count
    }
}
