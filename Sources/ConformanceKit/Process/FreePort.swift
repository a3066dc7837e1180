import Glibc
import Synchronization

/// Chooses TCP ports of 127.0.0.1 for processes that have to be told theirs.
///
/// A port stays free only until somebody takes it. So the ports lie below those that the kernel gives to outgoing
/// connections, none is given out twice by this process, and who starts a process tries again with another one.
package enum FreePort {
    private static let taken = Mutex<Set<Int>>([])

    /// A port on which nobody listens now; `nil` if 500 attempts found none.
    package static func choose() -> Int? {
        let upper = min(self.firstEphemeralPort(), 60_000)
        guard upper > 12_000 else { return nil }
        for _ in 0..<500 {
            let port = Int.random(in: 10_000..<upper)
            let isNew = self.taken.withLock { $0.insert(port).inserted }
            if isNew, self.canBind(port) { return port }
        }
        return nil
    }

    private static func firstEphemeralPort() -> Int {
        guard let file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "r") else { return 32_768 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, Int32(line.count), file) != nil else { return 32_768 }
        return Int(strtol(line, nil, 10))
    }

    private static func canBind(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { _ = close(descriptor) }
        return LoopbackAddress.bind(descriptor, port: port) != nil
    }
}
