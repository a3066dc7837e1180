import Glibc

/// A port of 127.0.0.1 as the kernel is told of it.
///
/// The bytes of a `sockaddr_in` are written one by one: which of the imported modules declares its members depends on
/// what else is compiled in the same batch.
enum LoopbackAddress {
    private static let size = 16

    /// Gives the socket a port; 0 for any free one. Returns the port, or `nil` if it cannot be had.
    static func bind(_ descriptor: Int32, port: Int = 0) -> Int? {
        var bytes = [UInt8](repeating: 0, count: self.size)
        withUnsafeBytes(of: UInt16(AF_INET)) { bytes.replaceSubrange(0..<2, with: $0) }
        bytes[2] = UInt8(truncatingIfNeeded: port >> 8)
        bytes[3] = UInt8(truncatingIfNeeded: port)
        bytes.replaceSubrange(4..<8, with: [127, 0, 0, 1])
        var length = socklen_t(self.size)
        let isBound = bytes.withUnsafeMutableBytes { raw in
            guard let address = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
            return Glibc.bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
        }
        return isBound ? Int(bytes[2]) << 8 | Int(bytes[3]) : nil
    }
}
