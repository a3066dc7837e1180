import Foundation
import Synchronization
import TestSupport

/// The reference server as a child process.
final class ServerChild: Sendable {
    let port: Int
    let figures: ProcessFigures
    private let process: Mutex<Process>

    /// Starts it on a free port and waits until it is ready.
    static func start(_ path: String, _ arguments: [String]) async throws -> ServerChild {
        let process = Process()
        let port = try Executable.freePort()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["--port", "\(port)", "--log-level", "error"] + arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        let child = ServerChild(process, port: port)
        try await eventually("the server is ready", within: .seconds(20)) {
            guard process.isRunning else { throw Late("the server ended with \(process.terminationStatus)") }
            return (try? child.isReady) ?? false
        }
        return child
    }

    private init(_ process: Process, port: Int) {
        self.port = port
        self.figures = ProcessFigures(id: process.processIdentifier)
        self.process = Mutex(process)
    }

    deinit {
        if self.isRunning { kill(self.figures.id, SIGKILL) }
    }

    var isRunning: Bool { self.process.withLock { $0.isRunning } }

    var isReady: Bool {
        get throws { try RawHTTP.request("GET", "/health/ready", port: self.port).status == 200 }
    }

    /// The value of a metric without labels; 0 when it is not there.
    func metric(_ name: String) throws -> Int {
        let text = try RawHTTP.request("GET", "/metrics", port: self.port).body
        let line = text.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Double($0.dropFirst(name.count + 1)) }.map { Int($0) } ?? 0
    }

    /// SIGTERM; returns the exit code.
    func stop() async throws -> Int32 {
        kill(self.figures.id, SIGTERM)
        try await eventually("the server ends", within: .seconds(20)) { !self.isRunning }
        return self.process.withLock { $0.terminationStatus }
    }
}

/// Lets this process and its children have as many descriptors as the system allows.
func raiseDescriptorLimit() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
