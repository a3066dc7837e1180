import Glibc

@testable import ConformanceKit

/// A port of 127.0.0.1 on which connections are taken, and nothing is ever said.
struct SilentListener {
    private let descriptor: Int32
    let port: Int

    struct Unavailable: Error {}

    init() throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard let port = LoopbackAddress.bind(self.descriptor), listen(self.descriptor, 128) == 0 else {
            throw Unavailable()
        }
        self.port = port
    }

    func close() { _ = Glibc.close(self.descriptor) }
}
