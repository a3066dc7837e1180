import Foundation

/// A blocking TCP connection to 127.0.0.1, for tests that talk to another process byte by byte.
package final class RawSocket: Sendable {
    /// The peer closed, did not answer in time, or said something that was not expected.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private let descriptor: Int32

    /// - Parameter timeout: How long a read may wait, in whole seconds.
    package init(port: Int, timeout: Int = 10) throws {
        self.descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        setsockopt(self.descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port)).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(self.descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure(description: "cannot connect to port \(port): errno \(errno)") }
    }

    deinit {
        close(self.descriptor)
    }

    package func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(self.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(description: "cannot send: errno \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    /// What has come, at least one byte; empty when the peer has closed.
    package func receive() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(self.descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw Failure(description: "nothing came in time, or the link broke: errno \(errno)") }
        return Array(buffer[..<count])
    }
}

/// One HTTP request on a connection of its own.
package enum RawHTTP {
    /// - Returns: The status code and the body.
    package static func request(
        _ method: String = "GET", _ path: String, port: Int, body: String? = nil
    ) throws -> (status: Int, body: String) {
        let answer = try self.exchange(method, path, port: port, body: body)
        return (answer.status, answer.body)
    }

    /// A request with header fields of one's own.
    /// - Returns: The status code, the head as text, and the body.
    package static func exchange(
        _ method: String = "GET", _ path: String, port: Int, fields: [String] = [], body: String? = nil
    ) throws -> (status: Int, head: String, body: String) {
        let socket = try RawSocket(port: port)
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        for field in fields { head += field + "\r\n" }
        if let body { head += "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n" }
        try socket.send(Array((head + "\r\n" + (body ?? "")).utf8))
        var answer: [UInt8] = []
        while case let bytes = try socket.receive(), !bytes.isEmpty { answer += bytes }
        let parts = String(decoding: answer, as: UTF8.self).split(separator: "\r\n\r\n", maxSplits: 1)
        guard let status = parts.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw RawSocket.Failure(description: "no HTTP answer: \(parts)")
        }
        return (status, String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : "")
    }
}
