import Glibc
import Synchronization

/// Keeps what a child process writes: the last lines in memory for messages, and the beginning in a file for the report.
package final class LogCapture: Sendable {
    private struct State {
        var lines: [String] = []
        var partial: [UInt8] = []
        var written = 0
        var descriptor: Int32 = -1
        var isComplete = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// The number of lines kept in memory.
    private static let lineLimit = 400
    /// The number of bytes of one line that are kept in memory.
    private static let lineBytes = 2000
    /// The number of bytes that the file may grow to; the memory still shows what comes after them.
    private static let fileLimit = 16 << 20

    private let state = Mutex(State())

    /// Where the file is; `nil` if nothing is written.
    package let path: String?

    /// A capture that appends to the file at `path`, or keeps lines in memory only.
    package init(path: String?) {
        self.path = path
        guard let path else { return }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        self.state.withLock { $0.descriptor = descriptor }
    }

    deinit {
        self.state.withLock { state in
            if state.descriptor >= 0 { _ = Glibc.close(state.descriptor) }
        }
    }

    /// The last lines, at most `count`, the newest last; a line that is still being written counts.
    package func tail(_ count: Int = 12) -> [String] {
        self.state.withLock { state in
            let open = state.partial.isEmpty ? [] : [String(decoding: state.partial, as: UTF8.self)]
            return Array((state.lines + open).suffix(count))
        }
    }

    /// The first kept line that satisfies the condition.
    package func firstLine(where condition: (String) -> Bool) -> String? {
        self.state.withLock { $0.lines.first(where: condition) }
    }

    /// Returns when the process has closed its output and everything has been read.
    package func waitForEnd() async {
        await withCheckedContinuation { continuation in
            let isComplete = self.state.withLock { state in
                if !state.isComplete { state.waiters.append(continuation) }
                return state.isComplete
            }
            if isComplete { continuation.resume() }
        }
    }

    func finish() {
        let waiters = self.state.withLock { state in
            state.isComplete = true
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func append(_ bytes: some Collection<UInt8>) {
        self.state.withLock { state in
            Self.write(bytes, &state)
            for byte in bytes {
                guard byte != UInt8(ascii: "\n") else {
                    state.lines.append(String(decoding: state.partial, as: UTF8.self))
                    state.partial.removeAll(keepingCapacity: true)
                    continue
                }
                if state.partial.count < Self.lineBytes { state.partial.append(byte) }
            }
            if state.lines.count > 2 * Self.lineLimit { state.lines.removeFirst(state.lines.count - Self.lineLimit) }
        }
    }

    private static func write(_ bytes: some Collection<UInt8>, _ state: inout State) {
        guard state.descriptor >= 0, state.written < Self.fileLimit else { return }
        state.written += bytes.count
        var rest = Array(bytes)[...]
        if state.written >= Self.fileLimit { rest += Array("\n(the rest was not kept)\n".utf8) }
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(state.descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
