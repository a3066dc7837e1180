import Foundation

/// What the system says of a process.
struct ProcessFigures: Sendable {
    let id: Int32

    /// Seconds of the processor that it has used, of all its threads.
    var processorSeconds: Double {
        // The name may hold spaces; what is counted comes behind its bracket, utime and stime as 12th and 13th.
        let fields = self.read("stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Resident bytes.
    var residentBytes: Int {
        let fields = self.read("statm").split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
    }

    /// Open descriptors.
    var descriptors: Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(self.id)/fd").count) ?? 0
    }

    var isAlive: Bool { kill(self.id, 0) == 0 }

    private func read(_ file: String) -> String {
        (try? String(contentsOfFile: "/proc/\(self.id)/\(file)", encoding: .utf8)) ?? ""
    }

    static let own = ProcessFigures(id: getpid())
}
