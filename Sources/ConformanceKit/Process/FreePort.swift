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
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return bound == 0
    }
}
