import Glibc

/// Keeps a port of 127.0.0.1 for as long as it lives: a socket that is bound to it and does not listen.
///
/// Connections to the port are refused, and the kernel gives it to nobody: neither to another program, nor to a client
/// that would, by chance, connect to itself. Who listens on it needs `SO_REUSEADDR`.
final class PortReservation: Sendable {
    let port: Int
    private let descriptor: Int32

    /// Chooses a free port; nil if there is none.
    init?() {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var reuse: Int32 = 1
        guard
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size)) == 0,
            let port = LoopbackAddress.bind(descriptor)
        else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
        self.port = port
    }

    deinit { close(self.descriptor) }
}
